package io.freehub.registry.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerTest {

    @Test
    void givenOwnContainer_whenParsed_thenNamed() {
        assertThat(Container.parse("hub:///exports-1")).isEqualTo(new Container.Own("exports-1"));
        assertThat(Container.parse("hub:///exports-1").text()).isEqualTo("hub:///exports-1");
    }

    @Test
    void givenRemoteContainer_whenShown_thenWithoutItsSignature() {
        var text = "https://account.blob.core.windows.net/c?sv=2020&sig=SECRET%3D";
        var container = Container.parse(text);

        assertThat(container.text()).isEqualTo(text);
        assertThat(new JobTask.Export(container, "b", false).toString())
                .doesNotContain("SECRET")
                .contains("https://account.blob.core.windows.net/c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hub://exports",
                "hub:exports",
                "hub:///",
                "hub:////",
                "hub:///..",
                "hub:///../etc",
                "hub:///a/b",
                "hub:///a%2fb",
                "hub:///%2e%2e",
                "hub:///A",
                "hub:///a?sig=SECRET",
                "hub://host/a",
                "file:///etc",
                "ftp://host/c",
                "https:///c",
                "https://host",
                "https://host/",
                "https://host?sig=SECRET",
                "https://user:SECRET@host/c",
                "https://host/c#SECRET",
                "not a URI SECRET",
                "c",
                ""
            })
    void givenAnythingElse_whenParsed_thenRefusedWithoutQuotingIt(String text) {
        assertThatExceptionOfType(HubException.class)
                .isThrownBy(() -> Container.parse(text))
                .satisfies(e -> assertThat(e.error()).isEqualTo(HubError.BLOB_CONTAINER_INVALID))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("SECRET"));
    }
}
