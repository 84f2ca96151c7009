package io.freehub.registry.certificate;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/** Certificates in the database. */
@ApplicationScoped
class CertificateStore {

    /** The table. */
    @ApplicationScoped
    static class Rows implements PanacheRepositoryBase<CertificateRow, String> {}

    private final Rows rows;

    CertificateStore(Rows rows) {
        this.rows = rows;
    }

    /** All by name, in the order of their names. */
    Uni<SequencedMap<String, AuthorityCertificate>> all() {
        return rows.listAll(Sort.by("name")).map(found -> {
            var certificates = new LinkedHashMap<String, AuthorityCertificate>();
            found.forEach(row -> certificates.put(row.name, row.stored()));
            return certificates;
        });
    }

    Uni<Optional<AuthorityCertificate>> get(String name) {
        return rows.findById(name).map(row -> Optional.ofNullable(row).map(CertificateRow::stored));
    }

    Uni<Void> add(AuthorityCertificate certificate) {
        return rows.persistAndFlush(CertificateRow.of(certificate)).replaceWithVoid();
    }

    Uni<Void> replace(AuthorityCertificate certificate) {
        return rows.findById(certificate.name())
                .invoke(row -> row.take(certificate))
                .chain(rows::flush);
    }

    Uni<Void> delete(String name) {
        return rows.deleteById(name).replaceWithVoid();
    }
}
