package io.freehub.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Where devices reach the hub, with TLS or without. TLS sessions are never resumed: each connect is a full handshake. */
record Door(InetSocketAddress address, Optional<SslContext> tls) {

    static Door plain(String host, int port) {
        return new Door(new InetSocketAddress(host, port), Optional.empty());
    }

    static Door tls(String host, int port, Path certificateAuthority) {
        try {
            var context = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.OPENSSL_REFCNT)
                    .trustManager(certificateAuthority.toFile())
                    .build();
            return new Door(new InetSocketAddress(host, port), Optional.of(context));
        } catch (SSLException failed) {
            throw new BenchmarkException("cannot use the authority " + certificateAuthority, failed);
        }
    }

    ChannelFuture connect(EventLoop loop, ChannelHandler device) {
        return new Bootstrap()
                .group(loop)
                .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 60_000)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        tls.ifPresent(context -> {
                            var handler = context.newHandler(channel.alloc());
                            handler.setHandshakeTimeoutMillis(60_000);
                            channel.pipeline().addLast(handler);
                        });
                        channel.pipeline().addLast(device);
                    }
                })
                .connect(address);
    }
}
