package io.freehub.query;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Where a property is: names and positions, from the root of a document. The first is a name.
 *
 * @param steps 1 to {@value #MAX_STEPS}
 */
public record Path(List<Step> steps) implements Expression {

    /** More steps than any twin is deep. */
    public static final int MAX_STEPS = 32;

    /** One step down. */
    public sealed interface Step {}

    /** To the member of an object. On anything but an object there is none. */
    public record Name(String name) implements Step {}

    /** To the element of an array, counted from 0. On anything but an array there is none. */
    public record Index(int index) implements Step {
        public Index {
            if (index < 0) {
                throw new IllegalArgumentException("a position is not negative: " + index);
            }
        }
    }

    public Path {
        steps = List.copyOf(steps);
        if (steps.isEmpty() || steps.size() > MAX_STEPS || !(steps.getFirst() instanceof Name)) {
            throw new IllegalArgumentException("a path has 1 to " + MAX_STEPS + " steps and starts with a name");
        }
    }

    /** The path of these names. */
    public static Path of(String... names) {
        var steps = new ArrayList<Step>();
        for (var name : names) {
            steps.add(new Name(name));
        }
        return new Path(steps);
    }

    /** The first name. */
    public String root() {
        return ((Name) steps.getFirst()).name();
    }

    /** The last name: what the property is called where it stands in a row. */
    public String lastName() {
        return steps.reversed().stream()
                .filter(Name.class::isInstance)
                .map(step -> ((Name) step).name())
                .findFirst()
                .orElseThrow();
    }

    /** The steps that follow the first ones. */
    public List<Step> after(int steps) {
        return Collections.unmodifiableList(this.steps.subList(steps, this.steps.size()));
    }

    /** Whether the path begins with these names, to the letter. */
    public boolean startsWith(String... names) {
        return steps.size() >= names.length && steps.subList(0, names.length).equals(of(names).steps);
    }
}
