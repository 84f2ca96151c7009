package io.freehub.twin.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.IdentityId;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.Twin;
import io.freehub.twin.document.TwinWrite;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who gets what, step by step, as if the database remembered it. */
class RolloutRulesTest {

    private static final IdentityId DEVICE = IdentityId.parse("d");
    private static final IdentityId AGENT = IdentityId.parse("d/$edgeAgent");
    private static final IdentityId MODULE = IdentityId.parse("d/m");
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    private final Map<IdentityId, Twin> twins = new LinkedHashMap<>();
    private final Map<IdentityId, List<Assignment>> assignments = new HashMap<>();

    @Test
    void aTwinThatMeetsTheConditionGetsTheSettings() {
        twin(DEVICE, "{\"tags\":{\"site\":\"a\"},\"properties\":{\"desired\":{\"mine\":1}}}");

        rollOut(device("c", 0, "tags.site = 'a'", "{\"properties.desired.fan.speed\":3}"));

        assertDesired(DEVICE, "{\"mine\":1,\"fan\":{\"speed\":3}}");
        assertThat(statuses(DEVICE)).isEqualTo(Map.of("c", Status.APPLIED));
    }

    @Test
    void othersGetNothing() {
        twin(DEVICE, "{\"tags\":{\"site\":\"b\"}}");
        twin(MODULE, "{\"tags\":{\"site\":\"a\"}}");

        rollOut(
                device("c", 0, "tags.site = 'a'", "{\"properties.desired.x\":3}"),
                device("none", 0, "", "{\"properties.desired.y\":3}"));

        assertDesired(DEVICE, "{}");
        assertDesired(MODULE, "{}");
        assertThat(assignments.values()).allMatch(List::isEmpty);
    }

    @Test
    void ofTheSamePathTheHigherPriorityWinsAndThenTheNewer() {
        twin(DEVICE, "{}");

        rollOut(
                device("high", 9, "*", "{\"properties.desired\":{\"a\":\"high\"}}"),
                device("older", 1, "*", "{\"properties.desired\":{\"a\":\"older\",\"b\":\"older\",\"c\":\"older\"}}"),
                device("newer", 1, "*", "{\"properties.desired.b\":\"newer\"}", T0.plusSeconds(1)));

        assertDesired(DEVICE, "{\"a\":\"high\",\"b\":\"newer\",\"c\":\"older\"}");
        assertThat(statuses(DEVICE)).hasSize(3).containsValue(Status.APPLIED);
    }

    @Test
    void nullTakesAPropertyAway() {
        twin(DEVICE, "{\"properties\":{\"desired\":{\"old\":1,\"keep\":2}}}");

        rollOut(device("c", 0, "*", "{\"properties.desired.old\":null}"));

        assertDesired(DEVICE, "{\"keep\":2}");
    }

    @Test
    void whatNoLongerMatchesLosesTheSettingsAndTheNextInPriorityApplies() {
        var high = device("high", 9, "tags.vip = true", "{\"properties.desired\":{\"a\":\"high\",\"only\":1}}");
        var low = device("low", 1, "*", "{\"properties.desired.a\":\"low\"}");
        twin(DEVICE, "{\"tags\":{\"vip\":true},\"properties\":{\"desired\":{\"mine\":1}}}");
        rollOut(high, low);
        assertDesired(DEVICE, "{\"mine\":1,\"a\":\"high\",\"only\":1}");

        write(DEVICE, "{\"tags\":{\"vip\":null}}");
        rollOut(high, low);

        assertDesired(DEVICE, "{\"mine\":1,\"a\":\"low\"}");
        assertThat(statuses(DEVICE)).isEqualTo(Map.of("low", Status.APPLIED));
    }

    @Test
    void ofOneThatIsDeletedTheNextAppliesAndTheRestStays() {
        var high = device("high", 9, "*", "{\"properties.desired\":{\"a\":\"high\",\"only\":1}}");
        var low = device("low", 1, "*", "{\"properties.desired.a\":\"low\"}");
        twin(DEVICE, "{}");
        rollOut(high, low);

        rollOut(low);

        assertDesired(DEVICE, "{\"a\":\"low\",\"only\":1}");
        assertThat(statuses(DEVICE)).isEqualTo(Map.of("low", Status.APPLIED));
    }

    @Test
    void oneThatIsDeletedAndMadeAgainTakesNothingAwayOfTheFirst() {
        twin(DEVICE, "{}");
        rollOut(device("c", 0, "*", "{\"properties.desired.a\":1}"));

        rollOut(device("c", 0, "tags.x = 1", "{\"properties.desired.a\":2}", T0.plusSeconds(5)));

        assertDesired(DEVICE, "{\"a\":1}");
        assertThat(statuses(DEVICE)).isEmpty();
    }

    @Test
    void whatABackEndWritesOverTheSettingsStandsUntilTheClaimsChange() {
        var low = device("low", 1, "*", "{\"properties.desired.a\":1}");
        twin(DEVICE, "{}");
        rollOut(low);
        write(DEVICE, "{\"properties\":{\"desired\":{\"a\":7}}}");

        assertThat(rollOut(low)).isEmpty();
        assertDesired(DEVICE, "{\"a\":7}");

        rollOut(low, device("other", 2, "*", "{\"properties.desired.b\":2}"));
        assertDesired(DEVICE, "{\"a\":1,\"b\":2}");
    }

    @Test
    void anotherPriorityIsRolledOut() {
        var first = device("first", 1, "*", "{\"properties.desired.a\":\"first\"}");
        var second = device("second", 2, "*", "{\"properties.desired.a\":\"second\"}");
        twin(DEVICE, "{}");
        rollOut(first, second);
        assertDesired(DEVICE, "{\"a\":\"second\"}");

        rollOut(withPriority(first, 3), second);

        assertDesired(DEVICE, "{\"a\":\"first\"}");
    }

    @Test
    void doingItAgainWritesNothing() {
        var configuration = device("c", 0, "*", "{\"properties.desired.a\":1}");
        twin(DEVICE, "{}");
        rollOut(configuration);

        assertThat(rollOut(configuration)).isEmpty();
    }

    @Test
    void aTwinThatHasTheSettingsAlreadyIsNotWritten() {
        twin(DEVICE, "{\"properties\":{\"desired\":{\"a\":1}}}");

        var adjusted = rollOut(device("c", 0, "*", "{\"properties.desired.a\":1}"));

        assertThat(adjusted)
                .hasSize(1)
                .allMatch(adjustment -> adjustment.patch().isEmpty());
        assertThat(statuses(DEVICE)).isEqualTo(Map.of("c", Status.APPLIED));
    }

    @Test
    void settingsThatDoNotFitStayTargetedAndChangeNothing() {
        var large = "x".repeat(4000);
        twin(
                DEVICE,
                "{\"properties\":{\"desired\":{%s}}}"
                        .formatted(IntStream.range(0, 8)
                                .mapToObj(i -> "\"k%d\":\"%s\"".formatted(i, large))
                                .collect(Collectors.joining(","))));

        var adjusted = rollOut(device("c", 0, "*", "{\"properties.desired.more\":\"%s\"}".formatted(large)));

        assertThat(adjusted).singleElement().satisfies(adjustment -> assertThat(adjustment.refusal())
                .hasValueSatisfying(reason -> assertThat(reason).contains("properties.desired")));
        assertThat(statuses(DEVICE)).isEqualTo(Map.of("c", Status.TARGETED));
        assertThat(twins.get(DEVICE).desired().values().get("more")).isEmpty();
    }

    @Test
    void whatDoesNotFitIsRefusedOnceAndWhatGoesGoesNevertheless() {
        var large = "x".repeat(4000);
        twin(
                DEVICE,
                "{\"tags\":{\"x\":1},\"properties\":{\"desired\":{%s}}}"
                        .formatted(IntStream.range(0, 8)
                                .mapToObj(i -> "\"k%d\":\"%s\"".formatted(i, large))
                                .collect(Collectors.joining(","))));
        var small = device("small", 0, "tags.x = 1", "{\"properties.desired.small\":1}");
        var big = device("big", 0, "tags.x = 2", "{\"properties.desired.big\":\"%s\"}".formatted(large));
        rollOut(small, big);

        write(DEVICE, "{\"tags\":{\"x\":2}}");
        rollOut(small, big);

        assertThat(twins.get(DEVICE).desired().values().members()).doesNotContainKeys("small", "big");
        assertThat(statuses(DEVICE)).isEqualTo(Map.of("big", Status.TARGETED));
        assertThat(rollOut(small, big)).isEmpty();
    }

    @Test
    void ofAConfigurationThatIsNotUnderstoodATwinKeepsWhatItHas() {
        twin(DEVICE, "{}");
        var known = device("c", 0, "*", "{\"properties.desired.a\":1}");
        rollOut(known);
        var content =
                notUnderstood(known, Content.stored(JsonText.readObject("{\"futureContent\":{}}")), known.target());
        var condition = notUnderstood(known, known.content(), TargetCondition.stored("tags.x ~~ 1"));

        assertThat(rollOut(content)).isEmpty();
        assertThat(rollOut(condition)).isEmpty();
        rollOut(content, device("other", 1, "*", "{\"properties.desired.b\":2}"));

        assertDesired(DEVICE, "{\"a\":1,\"b\":2}");
        assertThat(statuses(DEVICE)).isEqualTo(Map.of("c", Status.APPLIED, "other", Status.APPLIED));
        rollOut();
        assertThat(statuses(DEVICE)).isEmpty();
    }

    @Test
    void modulesHaveConfigurationsOfTheirOwn() {
        twin(DEVICE, "{}");
        twin(MODULE, "{}");
        twin(AGENT, "{}");

        rollOut(configuration(
                "c",
                0,
                "FROM devices.modules WHERE moduleId = 'm'",
                "{\"moduleContent\":{\"properties.desired.a\":1}}",
                T0));

        assertDesired(MODULE, "{\"a\":1}");
        assertDesired(DEVICE, "{}");
        assertDesired(AGENT, "{}");
    }

    @Test
    void ofBaseDeploymentsTheHighestCountsAndLayeredOnesAboveItAdd() {
        twin(DEVICE, "{}");
        twin(AGENT, "{\"properties\":{\"desired\":{\"left\":\"over\"}}}");
        twin(MODULE, "{}");
        var low = edge("low", 1, "{\"$edgeAgent\":{\"properties.desired\":{\"v\":\"low\"}}}");
        var base = edge(
                "base",
                5,
                "{\"$edgeAgent\":{\"properties.desired\":{\"v\":\"base\"}},\"m\":{\"properties.desired\":{\"n\":1}}}");
        var under = edge("under", 3, "{\"$edgeAgent\":{\"properties.desired.under\":1}}");
        var over = edge("over", 7, "{\"$edgeAgent\":{\"properties.desired.over\":1}}");

        rollOut(low, base, under, over);

        assertDesired(AGENT, "{\"v\":\"base\",\"over\":1}");
        assertDesired(MODULE, "{\"n\":1}");
        assertThat(statuses(DEVICE))
                .isEqualTo(Map.of(
                        "low",
                        Status.TARGETED,
                        "under",
                        Status.TARGETED,
                        "base",
                        Status.APPLIED,
                        "over",
                        Status.APPLIED));
        assertThat(statuses(AGENT)).isEqualTo(Map.of("base", Status.APPLIED, "over", Status.APPLIED));

        rollOut(low, under, base);
        assertDesired(AGENT, "{\"v\":\"base\"}");

        rollOut(low);
        assertDesired(AGENT, "{\"v\":\"low\"}");

        rollOut();
        assertDesired(AGENT, "{\"v\":\"low\"}");
        assertThat(statuses(AGENT)).isEmpty();
    }

    @Test
    void aModuleThatComesLaterGetsItsDeployment() {
        twin(DEVICE, "{}");
        twin(AGENT, "{}");
        var base = edge(
                "base", 5, "{\"$edgeAgent\":{\"properties.desired\":{}},\"m\":{\"properties.desired\":{\"n\":1}}}");
        rollOut(base);

        twin(MODULE, "{}");
        rollOut(base);

        assertDesired(MODULE, "{\"n\":1}");
    }

    private void twin(IdentityId identity, String json) {
        twins.put(identity, Twin.FRESH);
        write(identity, json);
    }

    private void write(IdentityId identity, String json) {
        twins.put(identity, twins.get(identity).apply(TwinWrite.patch(JsonText.readObject(json)), T0));
    }

    private static Configuration device(String id, int priority, String target, String settings) {
        return device(id, priority, target, settings, T0);
    }

    private static Configuration device(String id, int priority, String target, String settings, Instant createdAt) {
        return configuration(id, priority, target, "{\"deviceContent\":" + settings + "}", createdAt);
    }

    private static Configuration edge(String id, int priority, String modules) {
        return configuration(id, priority, "*", "{\"modulesContent\":" + modules + "}", T0);
    }

    private static Configuration configuration(
            String id, int priority, String target, String content, Instant createdAt) {
        return new Configuration(
                id,
                1,
                1,
                Optional.empty(),
                Optional.empty(),
                Content.parse(JsonText.readObject(content)),
                TargetCondition.parse(target),
                priority,
                Map.of(),
                createdAt,
                createdAt);
    }

    private static Configuration notUnderstood(Configuration before, Content content, TargetCondition target) {
        var configuration = new Configuration(
                before.id(),
                before.version(),
                before.rollout(),
                before.schemaVersion(),
                before.labels(),
                content,
                target,
                before.priority(),
                before.metrics(),
                before.createdAt(),
                before.updatedAt());
        assertThat(configuration.isUnderstood()).isFalse();
        assertThat(configuration.systemMetrics()).containsKey("targetedCount");
        return configuration;
    }

    private static Configuration withPriority(Configuration before, int priority) {
        return new Configuration(
                before.id(),
                before.version() + 1,
                before.rollout() + 1,
                before.schemaVersion(),
                before.labels(),
                before.content(),
                before.target(),
                priority,
                before.metrics(),
                before.createdAt(),
                before.updatedAt());
    }

    /** What was not as it should be. */
    private List<Adjustment> rollOut(Configuration... all) {
        var configurations =
                Arrays.stream(all).sorted(Configuration.BY_PRIORITY).toList();
        var byId = configurations.stream().collect(Collectors.toMap(Configuration::id, Function.identity()));
        var adjusted = new ArrayList<Adjustment>();
        Claim.of(configurations, new LinkedHashMap<>(twins)).forEach((identity, claims) -> Adjustment.of(
                        identity,
                        twins.get(identity).desired().values(),
                        assignments.getOrDefault(identity, List.of()),
                        claims,
                        byId)
                .ifPresent(adjustment -> {
                    adjusted.add(adjustment);
                    assignments.put(identity, adjustment.assignments());
                    adjustment
                            .patch()
                            .ifPresent(patch -> twins.put(
                                    identity,
                                    twins.get(identity)
                                            .apply(new TwinWrite.Patch(Optional.empty(), Optional.of(patch)), T0)));
                }));
        return adjusted;
    }

    private Map<String, Status> statuses(IdentityId identity) {
        return assignments.getOrDefault(identity, List.of()).stream()
                .collect(Collectors.toMap(Assignment::configuration, Assignment::status));
    }

    private void assertDesired(IdentityId identity, String json) {
        assertThat(twins.get(identity).desired().values()).isEqualTo((Json) JsonText.readObject(json));
    }
}
