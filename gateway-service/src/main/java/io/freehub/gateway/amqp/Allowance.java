package io.freehub.gateway.amqp;

/** Lets a client send so many messages at a time, those under way included. */
final class Allowance {

    private final IncomingLink link;
    private final int most;
    private int underWay;

    Allowance(IncomingLink link, int most) {
        this.link = link;
        this.most = most;
    }

    /** A message has come. */
    void taken() {
        underWay++;
    }

    /** One is done with. */
    void done() {
        underWay--;
        grant();
    }

    void grant() {
        int room = most - underWay - link.credit();
        // Not for each message anew.
        if (room > most / 2) {
            link.grant(room);
        }
    }
}
