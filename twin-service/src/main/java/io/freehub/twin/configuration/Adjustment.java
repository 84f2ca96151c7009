package io.freehub.twin.configuration;

import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.TwinRules;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What becomes of a twin.
 *
 * @param patch to be merged into its desired properties; empty when they stay
 * @param assignments those that it has from now on
 * @param refusal why the claims could not be met, if they could not
 */
record Adjustment(Optional<Json.Fields> patch, List<Assignment> assignments, Optional<String> refusal) {

    /**
     * Decides; empty when all is as it should be. A twin is not touched while its claims stay the same, so that what a back end
     * writes over the settings stands.
     *
     * <p>What a configuration has set goes when the twin does not meet its condition any more, and stays when the configuration
     * is deleted. A whole deployment stays until another one takes its place.
     *
     * @param claims the prevailing ones last
     * @param configurations all there are, by id
     */
    static Optional<Adjustment> of(
            IdentityId identity,
            Json.Fields desired,
            List<Assignment> before,
            List<Claim> claims,
            Map<String, Configuration> configurations) {
        if (isMet(before, claims)) {
            return Optional.empty();
        }
        var target = desired;
        for (var assignment : before) {
            var goes = Optional.ofNullable(configurations.get(assignment.configuration()))
                    .filter(assignment::isOf)
                    .filter(configuration -> claims.stream().noneMatch(claim -> claim.isOf(configuration)))
                    .flatMap(configuration -> configuration.content().ofTwin(identity))
                    .filter(settings -> !settings.isWhole());
            if (goes.isPresent()) {
                target = goes.get().takenFrom(target);
            }
        }
        for (var claim : claims) {
            if (claim.settings().isPresent()) {
                target = claim.settings().get().appliedTo(target);
            }
        }
        try {
            TwinRules.DESIRED.checkSize(target);
        } catch (HubException e) {
            return Optional.of(new Adjustment(
                    Optional.empty(), assignments(claims, Status.TARGETED), Optional.of(e.getMessage())));
        }
        var patch = desired.patchTo(target);
        return Optional.of(new Adjustment(
                Optional.of(patch).filter(changes -> !changes.isEmpty()),
                assignments(claims, Status.APPLIED),
                Optional.empty()));
    }

    private static boolean isMet(List<Assignment> before, List<Claim> claims) {
        return Set.copyOf(before)
                .equals(claims.stream()
                        .map(claim -> claim.assignment(claim.status()))
                        .collect(Collectors.toSet()));
    }

    private static List<Assignment> assignments(List<Claim> claims, Status atMost) {
        return claims.stream()
                .map(claim -> claim.assignment(claim.status() == Status.APPLIED ? atMost : claim.status()))
                .toList();
    }
}
