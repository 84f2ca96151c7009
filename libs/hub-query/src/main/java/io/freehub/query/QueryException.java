package io.freehub.query;

/** A text is no query, or none that is allowed here. The message says where, what is wrong and what was expected. */
public final class QueryException extends RuntimeException {

    private final int line;
    private final int column;

    QueryException(int line, int column, String problem) {
        super("line " + line + ", column " + column + ": " + problem, null, false, false);
        this.line = line;
        this.column = column;
    }

    /** The line, from 1. */
    public int line() {
        return line;
    }

    /** The character in the line, from 1. */
    public int column() {
        return column;
    }
}
