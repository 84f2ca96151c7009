package io.freehub.benchmarks;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** Devices by the thousand on a few event loops, so cheap that they leave the machine to the hub. */
final class LoadGenerator implements AutoCloseable {

    /** What telemetry is sent over; in lower case, as it is typed. */
    enum Protocol {
        mqtt,
        amqp
    }

    private final EventLoopGroup loops;
    private final int threads;

    LoadGenerator(int threads) {
        this.threads = threads;
        this.loops = Epoll.isAvailable() ? new EpollEventLoopGroup(threads) : new NioEventLoopGroup(threads);
    }

    /**
     * Connects the devices; each begins to send once the hub has let it in. Returns when every device is in or refused.
     *
     * @param run stands in every body
     * @param parallel connects under way at the same time
     */
    Fleet connect(
            Protocol protocol,
            String host,
            Door door,
            List<Device> devices,
            Workload workload,
            int size,
            long run,
            int parallel) {
        // Each lane decodes with its own.
        var frames = Stream.generate(AmqpFrames::new).limit(threads).toList();
        return connect(
                door,
                devices.size(),
                workload,
                number -> {
                    var device = devices.get(number);
                    var body = Body.create(run, number, size);
                    return switch (protocol) {
                        case mqtt -> mqtt(host, device, new TelemetryExchange(device, body));
                        case amqp -> new AmqpWire(frames.get(number % threads), host, device, body);
                    };
                },
                run,
                parallel);
    }

    private static Wire mqtt(String host, Device device, Exchange exchange) {
        return new MqttWire(MqttPackets.connect(host, device), exchange);
    }

    /** The same with devices that report to their twins. */
    Fleet connectTwins(
            String host, Door door, List<Device> devices, Workload workload, boolean watching, int parallel) {
        return connect(
                door,
                devices.size(),
                workload,
                number -> mqtt(host, devices.get(number), new TwinExchange(watching)),
                0,
                parallel);
    }

    /** The same with devices that only receive. */
    Fleet connectReceivers(
            String host, Door door, List<Device> devices, Function<Device, Exchange> exchange, int parallel) {
        return connect(
                door,
                devices.size(),
                new Workload.Idle(),
                number -> mqtt(host, devices.get(number), exchange.apply(devices.get(number))),
                0,
                parallel);
    }

    /** A loop for whoever calls beside the devices. */
    EventLoop loop() {
        return (EventLoop) loops.next();
    }

    private Fleet connect(Door door, int devices, Workload workload, IntFunction<Wire> wire, long run, int parallel) {
        var lanes = Stream.generate(loops::next)
                .limit(threads)
                .map(loop -> new Lane((EventLoop) loop, workload))
                .toList();
        var connections = new ArrayList<List<DeviceConnection>>();
        lanes.forEach(_ -> connections.add(new ArrayList<>()));
        for (int number = 0; number < devices; number++) {
            var lane = number % threads;
            connections.get(lane).add(new DeviceConnection(lanes.get(lane), number, wire.apply(number)));
        }
        var fleet = new Fleet(run, devices, lanes);
        fleet.connect(door, connections, Math.max(1, parallel / threads));
        return fleet;
    }

    @Override
    public void close() {
        loops.shutdownGracefully();
    }
}
