package io.freehub.model;

/** Primary and secondary key; both are valid at any time, so that one can be rotated while the other is in use. */
public record SymmetricKeys(SymmetricKey primary, SymmetricKey secondary) {

    /** Two new random keys. */
    public static SymmetricKeys generate() {
        return new SymmetricKeys(SymmetricKey.generate(), SymmetricKey.generate());
    }
}
