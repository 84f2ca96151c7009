package io.freehub.twin.document;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON value as its sender wrote it: numbers are kept as text, since {@code 1} and {@code 1.0} are not the same to a
 * client. Members of an object stay in their order, which does not count when two are compared.
 */
public sealed interface Json {

    /** An object. */
    record Fields(Map<String, Json> members) implements Json {

        /** The object without members. */
        public static final Fields NONE = new Fields(Map.of());

        public Fields {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        /** The member of this name. */
        public Optional<Json> get(String name) {
            return Optional.ofNullable(members.get(name));
        }

        /** The first member of this name in whatever case it is written. */
        public Optional<Json> getIgnoringCase(String name) {
            return members.entrySet().stream()
                    .filter(member -> member.getKey().equalsIgnoreCase(name))
                    .<Json>map(Map.Entry::getValue)
                    .findFirst();
        }

        /** Whether it has no members. */
        public boolean isEmpty() {
            return members.isEmpty();
        }

        /** A patch that takes away each of the members. */
        Fields nulls() {
            var nulls = new LinkedHashMap<String, Json>();
            members.keySet().forEach(name -> nulls.put(name, new Null()));
            return new Fields(nulls);
        }

        /** The same with another member, which takes the place of one of its name. */
        public Fields with(String name, Json value) {
            var more = new LinkedHashMap<>(members);
            more.put(name, value);
            return new Fields(more);
        }

        /** The same without these members. */
        public Fields without(String... names) {
            var fewer = new LinkedHashMap<>(members);
            for (var name : names) {
                fewer.remove(name);
            }
            return new Fields(fewer);
        }

        /**
         * The object after a merge patch (RFC 7396): null removes a member, objects merge, anything else takes the place of
         * what was there. Nothing of the result is null but what stood in an array.
         */
        public Fields merge(Fields patch) {
            var merged = new LinkedHashMap<>(members);
            patch.members.forEach((name, change) -> {
                switch (change) {
                    case Null() -> merged.remove(name);
                    case Fields fields ->
                        merged.put(
                                name,
                                merged.get(name) instanceof Fields there ? there.merge(fields) : NONE.merge(fields));
                    case Items _, Text _, Number _, Bool _ -> merged.put(name, change);
                }
            });
            return new Fields(merged);
        }

        /** The smallest merge patch that makes the target of this. Neither of the two has a member that is null. */
        public Fields patchTo(Fields target) {
            var patch = new LinkedHashMap<String, Json>();
            members.keySet().stream()
                    .filter(name -> !target.members.containsKey(name))
                    .forEach(name -> patch.put(name, new Null()));
            target.members.forEach((name, wanted) -> {
                var current = members.get(name);
                if (current instanceof Fields there && wanted instanceof Fields fields) {
                    if (!there.equals(fields)) {
                        patch.put(name, there.patchTo(fields));
                    }
                } else if (!wanted.equals(current)) {
                    patch.put(name, wanted);
                }
            });
            return new Fields(patch);
        }
    }

    /** An array. */
    record Items(List<Json> values) implements Json {
        public Items {
            values = List.copyOf(values);
        }
    }

    /** A string. */
    record Text(String value) implements Json {}

    /** @param text as it was written, by the rules of JSON */
    record Number(String text) implements Json {

        /** The number as it is written in decimal. */
        public static Number of(long value) {
            return new Number(Long.toString(value));
        }

        /** Whether it is written without fraction and exponent. */
        public boolean isInteger() {
            return text.chars().allMatch(c -> c == '-' || c >= '0' && c <= '9');
        }
    }

    /** True or false. */
    record Bool(boolean value) implements Json {}

    /** Null. */
    record Null() implements Json {}
}
