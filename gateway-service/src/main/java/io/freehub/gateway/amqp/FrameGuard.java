package io.freehub.gateway.amqp;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.engine.TransportException;
import org.apache.qpid.proton.engine.impl.FrameHandler;
import org.apache.qpid.proton.framing.TransportFrame;

/**
 * Looks at each frame before the engine does. The engine trusts its peer: it would take a frame on a channel that was never
 * begun for nothing, one on a handle in use for another link, and a range of dispositions for as much work as it names.
 */
final class FrameGuard implements FrameHandler {

    /** Clients tell of many deliveries in one frame, but never of more than they have not settled. */
    private static final long MAX_DISPOSITIONS = 1 << 16;

    /** Smallest frame that everybody must take (AMQP 1.0, section 2.8.17). */
    private static final long MIN_MAX_FRAME = 512;

    private final FrameHandler engine;
    private final int maxChannel;
    private final IntSupplier maxLinks;
    private final Map<Integer, Channel> channels = new HashMap<>();
    private boolean opened;
    private int links;

    private record Attached(String name, boolean sendsToUs) {}

    private static final class Channel {
        private final Map<UnsignedInteger, Attached> handles = new HashMap<>();
        private final Set<Attached> links = new HashSet<>();
    }

    /**
     * @param maxChannel greatest number of a channel
     * @param maxLinks how many links there may be at present
     */
    FrameGuard(FrameHandler engine, int maxChannel, IntSupplier maxLinks) {
        this.engine = engine;
        this.maxChannel = maxChannel;
        this.maxLinks = maxLinks;
    }

    /** Whether the client has opened the connection. */
    boolean isOpened() {
        return opened;
    }

    @Override
    public boolean handleFrame(TransportFrame frame) {
        check(frame.getChannel(), frame.getBody());
        return engine.handleFrame(frame);
    }

    private void check(int number, Object body) {
        if (!opened && !(body instanceof Open)) {
            throw new ProtocolViolationException(
                    "amqp:illegal-state", "the first frame must be open, not " + name(body));
        }
        switch (body) {
            case Open open -> open(open);
            case Begin begin -> begin(number, begin);
            case Attach attach -> attach(channel(number, body), attach);
            case Flow flow -> {
                var channel = channel(number, body);
                if (flow.getHandle() != null) {
                    attached(channel, flow.getHandle());
                }
            }
            case Transfer transfer -> transfer(channel(number, body), transfer);
            case Disposition disposition -> {
                channel(number, body);
                disposition(disposition);
            }
            case Detach detach -> {
                var channel = channel(number, body);
                channel.links.remove(attached(channel, detach.getHandle()));
                channel.handles.remove(detach.getHandle());
                links--;
            }
            case End _ -> {
                links -= channel(number, body).handles.size();
                channels.remove(number);
            }
            case Close _ -> {
                // Whatever state the connection is in.
            }
            default -> {
                // The empty frame, which says that the client lives.
            }
        }
    }

    private void open(Open open) {
        if (opened) {
            throw new ProtocolViolationException("amqp:illegal-state", "a second open");
        }
        opened = true;
        if (open.getMaxFrameSize() != null && open.getMaxFrameSize().longValue() < MIN_MAX_FRAME) {
            throw new ProtocolViolationException("amqp:invalid-field", "max-frame-size is less than " + MIN_MAX_FRAME);
        }
    }

    private void begin(int number, Begin begin) {
        if (number > maxChannel) {
            throw new ProtocolViolationException(
                    AmqpErrors.FRAMING, "channel " + number + ", the greatest is " + maxChannel);
        }
        if (begin.getRemoteChannel() != null) {
            throw new ProtocolViolationException(
                    "amqp:invalid-field",
                    "begin answers channel " + begin.getRemoteChannel() + ", which we have not begun");
        }
        if (channels.putIfAbsent(number, new Channel()) != null) {
            throw new ProtocolViolationException("amqp:illegal-state", "a second begin on channel " + number);
        }
    }

    private void attach(Channel channel, Attach attach) {
        if (attach.getName() == null || attach.getHandle() == null || attach.getRole() == null) {
            throw new ProtocolViolationException("amqp:invalid-field", "attach needs name, handle and role");
        }
        var link = new Attached(attach.getName(), attach.getRole() == Role.SENDER);
        if (channel.handles.containsKey(attach.getHandle()) || channel.links.contains(link)) {
            throw new ProtocolViolationException(
                    "amqp:session:handle-in-use",
                    "handle " + attach.getHandle() + " or link '" + AmqpErrors.shown(link.name()) + "' is in use");
        }
        if (link.sendsToUs() && attach.getInitialDeliveryCount() == null) {
            throw new ProtocolViolationException(
                    "amqp:invalid-field", "a sender's attach needs initial-delivery-count");
        }
        if (links >= maxLinks.getAsInt()) {
            throw new ProtocolViolationException(
                    AmqpErrors.RESOURCE_LIMIT, "more than " + maxLinks.getAsInt() + " links on the connection");
        }
        links++;
        channel.handles.put(attach.getHandle(), link);
        channel.links.add(link);
    }

    private static void transfer(Channel channel, Transfer transfer) {
        if (!attached(channel, transfer.getHandle()).sendsToUs()) {
            throw new ProtocolViolationException(AmqpErrors.NOT_ALLOWED, "a transfer on a link that we send on");
        }
    }

    private static void disposition(Disposition disposition) {
        var first = disposition.getFirst();
        var last = disposition.getLast() == null ? first : disposition.getLast();
        if (first == null
                || disposition.getRole() == null
                || last.longValue() < first.longValue()
                || last.longValue() - first.longValue() >= MAX_DISPOSITIONS) {
            throw new ProtocolViolationException(
                    "amqp:invalid-field", "a disposition of " + first + " to " + disposition.getLast());
        }
    }

    private Channel channel(int number, Object body) {
        var channel = channels.get(number);
        if (channel == null) {
            throw new ProtocolViolationException(
                    AmqpErrors.FRAMING, name(body) + " on channel " + number + ", which has not begun");
        }
        return channel;
    }

    private static Attached attached(Channel channel, UnsignedInteger handle) {
        var link = handle == null ? null : channel.handles.get(handle);
        if (link == null) {
            throw new ProtocolViolationException("amqp:session:unattached-handle", "no link has the handle " + handle);
        }
        return link;
    }

    private static String name(Object body) {
        return body.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    @Override
    public void closed(TransportException error) {
        engine.closed(error);
    }

    @Override
    public boolean isHandlingFrames() {
        return engine.isHandlingFrames();
    }
}
