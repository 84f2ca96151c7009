package io.freehub.twin.configuration;

import io.freehub.model.IdentityId;
import io.freehub.twin.document.Twin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * A configuration that a twin is to have, and what it sets there.
 *
 * @param settings empty when it sets nothing here: an edge device has its deployments in its modules
 */
record Claim(Configuration configuration, Optional<Settings> settings, Status status) {

    /** The claim as it is remembered. */
    Assignment assignment(Status reached) {
        return new Assignment(configuration.id(), configuration.createdAt(), configuration.rollout(), reached);
    }

    boolean isOf(Configuration other) {
        return configuration.id().equals(other.id());
    }

    /**
     * Who is to have what: the twins of a device and of its modules, each with its claims, the prevailing ones last.
     *
     * @param configurations all there are, the prevailing ones last
     * @param twins of the device and of its modules
     */
    static Map<IdentityId, List<Claim>> of(List<Configuration> configurations, SequencedMap<IdentityId, Twin> twins) {
        Map<IdentityId, List<Claim>> claims = new TreeMap<>();
        twins.keySet().forEach(identity -> claims.put(identity, new ArrayList<>()));
        var deployments = new ArrayList<Configuration>();
        for (var configuration : configurations) {
            switch (configuration.content()) {
                case Content.OfDevices(var _, var settings) -> claim(configuration, settings, false, twins, claims);
                case Content.OfModules(var _, var settings) -> claim(configuration, settings, true, twins, claims);
                case Content.OfEdge _ -> deployments.add(configuration);
                case Content.Unknown _ -> {}
            }
        }
        twins.keySet().stream()
                .filter(identity -> !identity.isModule())
                .forEach(device -> deploy(device, matching(deployments, device, twins.get(device)), claims));
        return claims;
    }

    private static void claim(
            Configuration configuration,
            Settings settings,
            boolean modules,
            Map<IdentityId, Twin> twins,
            Map<IdentityId, List<Claim>> claims) {
        twins.forEach((identity, twin) -> {
            if (identity.isModule() == modules && configuration.target().matches(identity, twin)) {
                claims.get(identity).add(new Claim(configuration, Optional.of(settings), Status.APPLIED));
            }
        });
    }

    private static List<Configuration> matching(List<Configuration> deployments, IdentityId device, Twin twin) {
        return deployments.stream()
                .filter(deployment -> deployment.target().matches(device, twin))
                .toList();
    }

    /** Of the base deployments the prevailing one counts, and with it the layered ones that prevail over it. */
    private static void deploy(IdentityId device, List<Configuration> matching, Map<IdentityId, List<Claim>> claims) {
        int base = matching.size() - 1;
        while (base >= 0 && isLayered(matching.get(base))) {
            base--;
        }
        for (int i = 0; i < matching.size(); i++) {
            var deployment = matching.get(i);
            boolean counts = base >= 0 && i >= base;
            claims.get(device).add(new Claim(deployment, Optional.empty(), counts ? Status.APPLIED : Status.TARGETED));
            if (counts) {
                claims.forEach((identity, of) -> identity.module()
                        .filter(_ -> identity.device().equals(device.device()))
                        .flatMap(module -> deployment.content().ofEdgeModule(module))
                        .ifPresent(settings -> of.add(new Claim(deployment, Optional.of(settings), Status.APPLIED))));
            }
        }
    }

    private static boolean isLayered(Configuration deployment) {
        return deployment.content() instanceof Content.OfEdge edge && edge.isLayered();
    }
}
