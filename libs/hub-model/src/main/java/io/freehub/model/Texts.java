package io.freehub.model;

/** Client text made fit for a message or a log line. */
final class Texts {

    private static final int SHOWN = 160;

    private Texts() {}

    /** The text without control characters and cut to a length that cannot flood a log. */
    static String shown(String text) {
        var cut = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
