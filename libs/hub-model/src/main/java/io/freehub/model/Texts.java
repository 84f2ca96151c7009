package io.freehub.model;

import java.util.regex.Pattern;

/** Client text made fit for a message or a log line. */
final class Texts {

    private static final int SHOWN = 160;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9\\-:.+%_#*?!(),=@;$']{1,128}");

    private Texts() {}

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when the text is no id of a device or module */
    static void checkId(String kind, String text) {
        if (!ID.matcher(text).matches()) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    kind + " id '" + shown(text)
                            + "' is not 1 to 128 of A-Z a-z 0-9 - : . + % _ # * ? ! ( ) , = @ ; $ '");
        }
    }

    /** The text without control characters and cut to a length that cannot flood a log. */
    static String shown(String text) {
        var cut = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
