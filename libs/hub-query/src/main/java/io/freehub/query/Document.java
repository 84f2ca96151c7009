package io.freehub.query;

/**
 * What a condition is evaluated on: a twin, a message. It decides what paths mean, for instance whether their case matters
 * or that {@code $body} is the message's body.
 */
@FunctionalInterface
public interface Document {

    /** The value at the path; {@link Value#UNDEFINED} if there is none. */
    Value at(Path path);

    /** What {@code IS_DEFINED} says of the path. A document of messages may count primitive values only. */
    default boolean isDefined(Path path) {
        return at(path) != Value.UNDEFINED;
    }

    /** The document that is this value; paths are followed to the letter. */
    static Document of(Value root) {
        return path -> {
            var value = root;
            for (var step : path.steps()) {
                value = step(value, step);
            }
            return value;
        };
    }

    private static Value step(Value value, Path.Step step) {
        return switch (step) {
            case Path.Name(var name)
            when value instanceof Value.Members(var members) -> members.getOrDefault(name, Value.UNDEFINED);
            case Path.Index(var index)
            when value instanceof Value.Array(var elements) && index < elements.size() -> elements.get(index);
            case Path.Name _, Path.Index _ -> Value.UNDEFINED;
        };
    }
}
