package io.freehub.query;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The functions of the language. Each is understood in queries and in routes, in both spellings where there are two. An
 * argument of the wrong type makes the result undefined, unless said otherwise. Characters are code points, and are
 * counted from 0.
 */
public enum Function {
    /** Whether the property exists; null is a value. */
    IS_DEFINED(1, 1),
    /** Whether it is an array; as all that begin with IS, false and not undefined if there is no value. */
    IS_ARRAY(1, 1),
    /** Whether it is true or false. */
    IS_BOOL(1, 1),
    /** Whether it is there and null. */
    IS_NULL(1, 1),
    /** Whether it is a number. */
    IS_NUMBER(1, 1),
    /** Whether it is an object. */
    IS_OBJECT(1, 1),
    /** Whether it is a string, a number, true, false or null. */
    IS_PRIMITIVE(1, 1),
    /** Whether it is a string. */
    IS_STRING(1, 1),
    /** Whether an element of the array is the value; nothing is in an empty one, not even what is undefined. */
    ARRAY_CONTAINS(2, 2),
    /** Whether the first string starts with the second. */
    STARTS_WITH(2, 2, "STARTSWITH"),
    /** Whether the first string ends with the second. */
    ENDS_WITH(2, 2, "ENDSWITH"),
    /** Whether the second string is somewhere in the first. */
    CONTAINS(2, 2),
    /** The number that a string of at most 255 characters writes in decimal digits, at most three in the exponent. */
    AS_NUMBER(1, 1),
    /** The strings joined. */
    CONCAT(1, 32),
    /** How many characters the string has. */
    LENGTH(1, 1),
    /** The string with each character in lower case. */
    LOWER(1, 1),
    /** The string with each character in upper case. */
    UPPER(1, 1),
    /** The string from a position on, as many characters as given or all; undefined for what is no count. */
    SUBSTRING(2, 3),
    /** Where the second string first is in the first, or -1. */
    INDEX_OF(2, 2),
    /** The absolute value. */
    ABS(1, 1),
    /** The power of e, for exponents of -700 to 700, to 15 digits. */
    EXP(1, 1),
    /** The power, to 15 digits; undefined if it is no real number or as large or small as e to the 700 or -700. */
    POWER(2, 2),
    /** The number times itself. */
    SQUARE(1, 1),
    /** The least integer that is not less. */
    CEILING(1, 1),
    /** The greatest integer that is not greater. */
    FLOOR(1, 1),
    /** -1, 0 or 1. */
    SIGN(1, 1),
    /** The square root; of a negative number undefined. */
    SQRT(1, 1);

    private static final Map<String, Function> BY_NAME = new HashMap<>();

    static {
        for (var function : values()) {
            BY_NAME.put(function.name(), function);
            function.otherNames.forEach(name -> BY_NAME.put(name, function));
        }
    }

    private final int fewest;
    private final int most;
    private final List<String> otherNames;

    Function(int fewest, int most, String... otherNames) {
        this.fewest = fewest;
        this.most = most;
        this.otherNames = List.of(otherNames);
    }

    /** The function of this name, in any case. */
    public static Optional<Function> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name.toUpperCase(Locale.ROOT)));
    }

    /** Whether it takes so many arguments. */
    public boolean takes(int arguments) {
        return arguments >= fewest && arguments <= most;
    }

    /** How many arguments it takes, in words. */
    String arity() {
        return (fewest == most ? "" + fewest : fewest + " to " + most) + (most == 1 ? " argument" : " arguments");
    }
}
