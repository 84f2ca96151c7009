package io.freehub.gateway.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.engine.TransportException;
import org.apache.qpid.proton.engine.impl.FrameHandler;
import org.apache.qpid.proton.framing.TransportFrame;
import org.junit.jupiter.api.Test;

/** What the engine never gets to see. */
class FrameGuardTest {

    private static final int MAX_CHANNEL = 3;
    private static final int MAX_LINKS = 2;

    private final List<Object> passed = new ArrayList<>();
    private final FrameGuard guard = new FrameGuard(
            new FrameHandler() {
                @Override
                public boolean handleFrame(TransportFrame frame) {
                    return passed.add(frame.getBody());
                }

                @Override
                public void closed(TransportException error) {}

                @Override
                public boolean isHandlingFrames() {
                    return true;
                }
            },
            MAX_CHANNEL,
            () -> MAX_LINKS);

    @Test
    void framesInTheirPlacePass() {
        opened();
        var frames = List.<FrameBody>of(
                attach("a", 0, Role.SENDER), attach("a", 1, Role.RECEIVER), flow(1), transfer(0), detach(1), detach(0));

        frames.forEach(frame -> give(0, frame));
        give(0, attach("a", 0, Role.SENDER));
        give(0, new End());
        give(0, new Begin());
        give(0, attach("a", 0, Role.SENDER));
        give(0, attach("b", 1, Role.SENDER));

        assertThat(passed).hasSize(2 + frames.size() + 5).containsAll(frames);
    }

    @Test
    void nothingComesBeforeOpenAndOpenOnce() {
        refuses(0, new Begin(), "amqp:illegal-state");
        opened();
        refuses(0, open(), "amqp:illegal-state");
    }

    @Test
    void framesSmallerThanEverybodyTakesAreNotSent() {
        var open = open();
        open.setMaxFrameSize(UnsignedInteger.valueOf(511));
        refuses(0, open, "amqp:invalid-field");
    }

    @Test
    void channelsAreBegunOnceAndInTheirRange() {
        opened();
        refuses(0, new Begin(), "amqp:illegal-state");
        refuses(MAX_CHANNEL + 1, new Begin(), AmqpErrors.FRAMING);
        refuses(1, attach("a", 0, Role.SENDER), AmqpErrors.FRAMING);
        refuses(1, new End(), AmqpErrors.FRAMING);
        var answer = new Begin();
        answer.setRemoteChannel(UnsignedShort.valueOf((short) 0));
        refuses(1, answer, "amqp:invalid-field");
    }

    @Test
    void handlesAndNamesAreForOneLink() {
        opened();
        give(0, attach("a", 0, Role.SENDER));
        refuses(0, attach("b", 0, Role.SENDER), "amqp:session:handle-in-use");
        refuses(0, attach("a", 1, Role.SENDER), "amqp:session:handle-in-use");
        refuses(0, transfer(1), "amqp:session:unattached-handle");
        refuses(0, flow(1), "amqp:session:unattached-handle");
        refuses(0, detach(1), "amqp:session:unattached-handle");
    }

    @Test
    void nobodySendsOnALinkToReceive() {
        opened();
        give(0, attach("a", 0, Role.RECEIVER));
        refuses(0, transfer(0), AmqpErrors.NOT_ALLOWED);
    }

    @Test
    void linksAreCounted() {
        opened();
        give(0, attach("a", 0, Role.SENDER));
        give(0, attach("b", 1, Role.SENDER));
        refuses(0, attach("c", 2, Role.SENDER), AmqpErrors.RESOURCE_LIMIT);
    }

    @Test
    void rangesOfDispositionsAreNoMoreThanAnybodyMeans() {
        opened();
        give(0, disposition(0, 1000));
        refuses(0, disposition(0, 0xffff_ffffL), "amqp:invalid-field");
        refuses(0, disposition(2, 1), "amqp:invalid-field");
    }

    private void opened() {
        give(0, open());
        give(0, new Begin());
    }

    private void give(int channel, FrameBody body) {
        guard.handleFrame(new TransportFrame(channel, body, null));
    }

    private void refuses(int channel, FrameBody body, String condition) {
        int before = passed.size();
        assertThatThrownBy(() -> give(channel, body))
                .isInstanceOfSatisfying(ProtocolViolationException.class, e -> assertThat(e.condition())
                        .isEqualTo(condition));
        assertThat(passed).hasSize(before);
    }

    private static Open open() {
        var open = new Open();
        open.setContainerId("");
        return open;
    }

    private static Attach attach(String name, int handle, Role role) {
        var attach = new Attach();
        attach.setName(name);
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(role);
        if (role == Role.SENDER) {
            attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        }
        return attach;
    }

    private static Flow flow(int handle) {
        var flow = new Flow();
        flow.setHandle(UnsignedInteger.valueOf(handle));
        return flow;
    }

    private static Transfer transfer(int handle) {
        var transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.valueOf(handle));
        return transfer;
    }

    private static Detach detach(int handle) {
        var detach = new Detach();
        detach.setHandle(UnsignedInteger.valueOf(handle));
        return detach;
    }

    private static Disposition disposition(long first, long last) {
        var disposition = new Disposition();
        disposition.setRole(Role.RECEIVER);
        disposition.setFirst(UnsignedInteger.valueOf(first));
        disposition.setLast(UnsignedInteger.valueOf(last));
        return disposition;
    }
}
