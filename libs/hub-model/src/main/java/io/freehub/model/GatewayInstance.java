package io.freehub.model;

/**
 * One life of one gateway.
 *
 * @param ordinal number of the gateway; stays when it restarts
 * @param incarnation grows with every start of that gateway
 */
public record GatewayInstance(int ordinal, long incarnation) {}
