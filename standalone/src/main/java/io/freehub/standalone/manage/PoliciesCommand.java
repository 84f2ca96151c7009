package io.freehub.standalone.manage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./hub policies}: shared access policies. */
@Command(
        name = "policies",
        mixinStandardHelpOptions = true,
        description = "Lists and changes the shared access policies of a running hub.")
public final class PoliciesCommand extends ManagementCommand {

    private static final String POLICIES = "/hub/policies";

    /** The key to be made anew. */
    enum Key {
        primary,
        secondary
    }

    @Override
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the policies, without their keys.")
    int list() {
        return with(hub -> {
            var policies = hub.get(POLICIES);
            var rows = new ArrayList<List<String>>();
            policies.forEach(policy -> rows.add(List.of(policy.path("name").asText(), permissions(policy))));
            return print(policies, table(List.of("NAME", "PERMISSIONS"), rows));
        });
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows a policy, its keys and its connection string.")
    int show(@Parameters(paramLabel = "NAME") String name) {
        return with(hub -> show(hub, hub.get(path(name))));
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Creates a policy with new keys.")
    int create(
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--permissions",
                            paramLabel = "PERMISSION",
                            required = true,
                            split = ",",
                            description = "RegistryRead, RegistryWrite, ServiceConnect, DeviceConnect, HubManage;"
                                    + " several with commas.")
                    List<String> permissions) {
        var body = JsonNodeFactory.instance.objectNode();
        var array = body.putArray("permissions");
        permissions.forEach(array::add);
        return with(hub -> show(hub, hub.put(path(name), body, Optional.empty())));
    }

    @Command(
            name = "regenerate",
            mixinStandardHelpOptions = true,
            description = {
                "Makes one key of a policy anew; the other one keeps working.",
                "When the hub's file has the old one, it gets the new."
            })
    int regenerate(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--key", required = true, description = "primary or secondary") Key key) {
        return with(hub -> {
            var policy = hub.post(path(name) + "/keys/" + key + "/regenerate");
            hub.follow(policy);
            return show(hub, policy);
        });
    }

    @Command(name = "delete", mixinStandardHelpOptions = true, description = "Deletes a policy.")
    int delete(@Parameters(paramLabel = "NAME") String name) {
        return with(hub -> {
            hub.delete(path(name));
            return print(
                    JsonNodeFactory.instance.objectNode(),
                    hub.connectsWith(name)
                            ? List.of("deleted " + name, hub + " still has it; ./hub up puts another one there")
                            : List.of("deleted " + name));
        });
    }

    private int show(ManagementClient hub, JsonNode policy) {
        return print(
                policy,
                List.of(
                        "name               " + policy.path("name").asText(),
                        "permissions        " + permissions(policy),
                        "primary key        " + policy.path("primaryKey").asText(),
                        "secondary key      " + policy.path("secondaryKey").asText(),
                        "connection string  " + hub.connectionString(policy)));
    }

    private static String permissions(JsonNode policy) {
        return StreamSupport.stream(policy.path("permissions").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(", "));
    }

    private static String path(String name) {
        return POLICIES + "/" + segment(name);
    }
}
