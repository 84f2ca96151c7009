package io.freehub.query;

/** How a string is written in a query and in JSON, and how it is read from a query. */
final class Quoting {

    private Quoting() {}

    /** The string between quotes, with what needs it escaped. */
    static String string(String text, char quote) {
        var written = new StringBuilder(text.length() + 2).append(quote);
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == quote || c == '\\') {
                written.append('\\').append(c);
            } else if (c < ' ') {
                written.append(String.format("\\u%04x", (int) c));
            } else {
                written.append(c);
            }
        }
        return written.append(quote).toString();
    }

    /**
     * The string that a literal of the query means.
     *
     * @throws IllegalArgumentException in words for people, if an escape is unknown or the string is not one of Unicode
     */
    static String read(String literal) {
        var quote = literal.charAt(0);
        var end = literal.length() - 1;
        var text = new StringBuilder(end);
        for (var i = 1; i < end; i++) {
            var c = literal.charAt(i);
            if (c == quote) {
                text.append(quote);
                i++;
            } else if (c != '\\') {
                text.append(c);
            } else {
                c = literal.charAt(++i);
                switch (c) {
                    case '\'', '"', '\\', '/' -> text.append(c);
                    case 'b' -> text.append('\b');
                    case 'f' -> text.append('\f');
                    case 'n' -> text.append('\n');
                    case 'r' -> text.append('\r');
                    case 't' -> text.append('\t');
                    case 'u' -> {
                        var digits = literal.substring(i + 1, Math.min(i + 5, end));
                        if (!digits.matches("[0-9A-Fa-f]{4}")) {
                            throw new IllegalArgumentException("\\u needs four hexadecimal digits");
                        }
                        text.append((char) Integer.parseInt(digits, 16));
                        i += 4;
                    }
                    default ->
                        throw new IllegalArgumentException("the escape \\" + c
                                + " is unknown; there are \\' \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
                }
            }
        }
        if (!isUnicode(text)) {
            throw new IllegalArgumentException("a string holds neither NUL nor half of a surrogate pair");
        }
        return text.toString();
    }

    /** Whether the text is one that UTF-8 and PostgreSQL can hold: no half of a surrogate pair, no NUL. */
    static boolean isUnicode(CharSequence text) {
        return text.codePoints()
                .noneMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
    }
}
