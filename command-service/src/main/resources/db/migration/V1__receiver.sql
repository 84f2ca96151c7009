-- Sessions that take cloud-to-device messages or direct methods. Of several of one identity the newest gets what there is;
-- ids of sessions sort by time.
create table receiver (
    id          text    not null,
    link        text    not null,
    session     text    not null,
    generation  bigint  not null,
    ordinal     integer not null,
    incarnation bigint  not null,
    capacity    integer not null,
    primary key (id, link, session)
);

create index receiver_of_gateway on receiver (ordinal, incarnation);
