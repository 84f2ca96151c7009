package io.freehub.registry.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** The description of what is ours: whole, and of nothing else. */
@RegistryTest
class OpenApiIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    BeanManager beans;

    @Test
    void givenNoToken_whenAsked_thenDescribesEachOperationOfTheHubAndNoOther() {
        assertThat(operations().keySet()).isEqualTo(offered()).hasSize(15);
    }

    @Test
    void givenDescription_whenRead_thenEachOperationHasSummaryErrorsAndAnExample() {
        var document = document();
        operations().forEach((name, operation) -> {
            assertThat(operation.path("summary").asText()).as(name).isNotEmpty();
            assertThat(operation.path("responses").has("401")).as(name).isTrue();
            assertThat(operation.path("responses").has("503")).as(name).isTrue();
            for (var response : operation.path("responses")) {
                var resolved = resolved(document, response);
                assertThat(resolved.path("description").asText()).as(name).isNotEmpty();
                for (var content : resolved.path("content")) {
                    assertThat(content.has("example")).as(name).isTrue();
                    assertThat(content.has("schema")).as(name).isTrue();
                }
            }
            if (operation.has("requestBody")) {
                assertThat(operation
                                .at("/requestBody/content/application~1json/example")
                                .isObject())
                        .as(name)
                        .isTrue();
            }
        });
        assertThat(document.findValuesAsText("$ref")).isNotEmpty().allSatisfy(reference -> assertThat(
                        document.at(reference.substring(1)).isObject())
                .as(reference)
                .isTrue());
    }

    private TreeMap<String, JsonNode> operations() {
        var operations = new TreeMap<String, JsonNode>();
        document().path("paths").properties().forEach(path -> path.getValue()
                .properties()
                .forEach(operation -> {
                    if (Set.of("get", "put", "post", "delete", "patch").contains(operation.getKey())) {
                        operations.put(operation.getKey().toUpperCase() + " " + path.getKey(), operation.getValue());
                    }
                }));
        return operations;
    }

    private JsonNode document() {
        var answer = BackEnd.withAuthorization(port, "").get("/hub/openapi?format=json");
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    private static JsonNode resolved(JsonNode document, JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    /** What the resources under /hub offer. */
    private Set<String> offered() {
        var offered = new TreeSet<String>();
        for (var bean : beans.getBeans(Object.class, Any.Literal.INSTANCE)) {
            var at = bean.getBeanClass().getAnnotation(Path.class);
            if (at != null && at.value().startsWith("/hub")) {
                for (var method : bean.getBeanClass().getMethods()) {
                    verb(method).forEach(verb -> {
                        var below = method.getAnnotation(Path.class);
                        offered.add(verb + " " + at.value() + (below == null ? "" : below.value()));
                    });
                }
            }
        }
        return offered;
    }

    private static Stream<String> verb(Method method) {
        return Arrays.stream(method.getAnnotations())
                .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
                .flatMap(Stream::ofNullable)
                .map(HttpMethod::value);
    }
}
