package io.freehub.query;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an expression can yield: a value of JSON, or none at all. {@link Undefined} is what a property has that does not
 * exist; {@link Null} is a value that is there.
 */
public sealed interface Value {

    /** No value: the property does not exist, or the operation has no answer for its operands. */
    Undefined UNDEFINED = new Undefined();
    /** JSON's null. */
    Null NULL = new Null();
    /** JSON's true. */
    Bool TRUE = new Bool(true);
    /** JSON's false. */
    Bool FALSE = new Bool(false);

    /** See {@link #UNDEFINED}. */
    record Undefined() implements Value {}

    /** See {@link #NULL}. */
    record Null() implements Value {}

    /** A truth value. */
    record Bool(boolean value) implements Value {}

    /** A number, exact as JSON writes it: {@code 1}, {@code 1.0} and {@code 1e0} are the same. */
    record Num(BigDecimal value) implements Value {
        public Num {
            value = value.stripTrailingZeros();
        }
    }

    /** A string. */
    record Text(String value) implements Value {}

    /** An array. */
    record Array(List<Value> elements) implements Value {
        public Array {
            elements = List.copyOf(elements);
        }
    }

    /** An object; the order of its members means nothing. */
    record Members(Map<String, Value> members) implements Value {
        public Members {
            members = Map.copyOf(members);
        }
    }

    /** The truth value. */
    static Bool of(boolean value) {
        return value ? TRUE : FALSE;
    }

    /** The number. */
    static Num of(long value) {
        return new Num(BigDecimal.valueOf(value));
    }

    /** The string. */
    static Text of(String value) {
        return new Text(value);
    }

    /**
     * The value of what a JSON parser makes with Java's own types: null, {@link Boolean}, {@link Number},
     * {@link CharSequence}, {@link Iterable}, {@link Map}.
     *
     * @throws IllegalArgumentException for anything else, also a number that is infinite or none
     */
    static Value ofJava(@Nullable Object json) {
        return switch (json) {
            case null -> NULL;
            case Value value -> value;
            case Boolean flag -> of(flag);
            case BigDecimal number -> new Num(number);
            case Number number -> new Num(new BigDecimal(number.toString()));
            case CharSequence text -> of(text.toString());
            case Map<?, ?> map -> {
                var members = new TreeMap<String, Value>();
                map.forEach((name, value) -> members.put(String.valueOf(name), ofJava(value)));
                yield new Members(members);
            }
            case Iterable<?> list -> {
                var elements = new ArrayList<Value>();
                list.forEach(element -> elements.add(ofJava(element)));
                yield new Array(elements);
            }
            default -> throw new IllegalArgumentException(json.getClass() + " is no value of JSON");
        };
    }

    /** Whether this is a string, number, truth value or null: what can be compared. */
    default boolean isPrimitive() {
        return switch (this) {
            case Null _, Bool _, Num _, Text _ -> true;
            case Undefined _, Array _, Members _ -> false;
        };
    }

    /**
     * The text of this value in JSON.
     *
     * @throws IllegalStateException if it is undefined, or holds what is: JSON has no such value
     */
    default String json() {
        return switch (this) {
            case Undefined _ -> throw new IllegalStateException("undefined is no value of JSON");
            case Null _ -> "null";
            case Bool(var flag) -> Boolean.toString(flag);
            case Num(var number) -> number.toString();
            case Text(var text) -> Quoting.string(text, '"');
            case Array(var elements) -> elements.stream().map(Value::json).collect(Collectors.joining(",", "[", "]"));
            case Members(var members) ->
                new TreeMap<>(members)
                        .entrySet().stream()
                                .map(member -> Quoting.string(member.getKey(), '"') + ":"
                                        + member.getValue().json())
                                .collect(Collectors.joining(",", "{", "}"));
        };
    }
}
