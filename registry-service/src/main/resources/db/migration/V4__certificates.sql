-- Certificates of authorities that devices come from.
create table certificate (
    name              text collate "C" primary key,
    -- Counts writes; the entity tag is made of it.
    version           bigint      not null,
    -- DER.
    certificate       bytea       not null,
    verified          boolean     not null,
    -- What the common name of a certificate must be that proves possession of the key; null unless one was asked for.
    verification_code text,
    created_at        timestamptz not null,
    updated_at        timestamptz not null
);
create unique index certificate_once on certificate (sha256(certificate));
