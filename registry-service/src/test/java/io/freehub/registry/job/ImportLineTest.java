package io.freehub.registry.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.registry.bulk.BulkItem;
import io.freehub.registry.identity.IdentityChange;
import io.freehub.service.http.Precondition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImportLineTest {

    /** As the service's own is set. */
    private static final ObjectReader READER = JsonMapper.builder()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build()
            .readerFor(BulkItem.class)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final IdentityId D = IdentityId.of(new DeviceId("d"));

    @ParameterizedTest
    @CsvSource({
        "create, Put, Absent",
        "Update, Put, Exists",
        "updateIfMatchETag, Put, Matches",
        "createOrUpdate, CreateOrReplace, Exists",
        "'', CreateOrReplace, Exists",
        "CreateOrUpdateIfMatchEtag, CreateOrReplace, Matches",
        "DELETE, Delete, Exists",
        "deleteIfMatchETag, Delete, Matches"
    })
    void givenMode_whenRead_thenThatChange(String mode, String change, String precondition) {
        var read = change("{\"id\":\"d\",\"eTag\":\"MQ==\",\"status\":\"enabled\",\"importMode\":\"" + mode + "\"}");

        assertThat(read.getClass().getSimpleName()).isEqualTo(change);
        assertThat(read.identity()).isEqualTo(D);
        assertThat(precondition(read).getClass().getSimpleName()).isEqualTo(precondition);
    }

    @Test
    void givenNamesInAnyCaseAndTwinAndUnknownFields_whenRead_thenWhatCountsIsTaken() {
        var read = change("""
                {"ID":"d","ModuleId":"m","ETag":"*","Status":"enabled","twinETag":"AAAA","$metadata":{"a":1},\
                "Tags":{"$version":1},"properties":{"desired":{"$metadata":{},"$version":1,"a":1},"reported":{}},\
                "importMode":"updateIfMatchETag","future":[1]}""");

        assertThat(read.identity()).isEqualTo(IdentityId.of(new DeviceId("d"), new ModuleId("m")));
        assertThat(precondition(read)).isEqualTo(new Precondition.Exists());
    }

    @Test
    void givenConditionalModeWithoutTag_whenRead_thenTheConditionCannotHold() {
        var read = change("{\"id\":\"d\",\"status\":\"enabled\",\"importMode\":\"createOrUpdateIfMatchETag\"}");

        assertThat(precondition(read)).isInstanceOf(Precondition.Matches.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"status\":\"enabled\"} | ARGUMENT_INVALID | id is missing",
                "{\"id\":\"d\"} | ARGUMENT_INVALID | status is missing",
                "{\"id\":\"a b\",\"status\":\"enabled\"} | ARGUMENT_INVALID | a b",
                "{\"id\":\"d\",\"status\":\"on\"} | ARGUMENT_INVALID | status is neither",
                "{\"id\":\"d\",\"status\":\"enabled\",\"importMode\":\"updateTwin\"} | ARGUMENT_INVALID | no twins",
                "{\"id\":\"d\",\"importMode\":\"updateTwinIfMatchETag\"} | ARGUMENT_INVALID | no twins",
                "{\"id\":\"d\",\"importMode\":\"drop\"} | ARGUMENT_INVALID | importMode is none of",
                "{\"id\":\"d\" | FORMAT_ERROR | line 7",
                "{\"id\":\"d\"} x | FORMAT_ERROR | line 7",
                "[{\"id\":\"d\"}] | FORMAT_ERROR | line 7",
                "null | FORMAT_ERROR | line 7",
                "{\"id\":{}} | FORMAT_ERROR | line 7",
                "SECRET | FORMAT_ERROR | line 7"
            })
    void givenWrongLine_whenRead_thenSaysWhatIsWrongWithIt(String text, HubError error, String detail) {
        var read = ImportLine.read(line(text, 7), READER);

        assertThat(read).isInstanceOfSatisfying(ImportLine.Wrong.class, wrong -> {
            assertThat(wrong.failure().errorCode()).isEqualTo(error.code());
            assertThat(wrong.failure().errorStatus()).contains(detail).doesNotContain("SECRET");
        });
    }

    @Test
    void givenCutLine_whenRead_thenTooLong() {
        var read = ImportLine.read(new BlobLines.Line("{".getBytes(UTF_8), 3, 9, true), READER);

        assertThat(read).isInstanceOfSatisfying(ImportLine.Wrong.class, wrong -> assertThat(
                        wrong.failure().errorCode())
                .isEqualTo(HubError.MESSAGE_TOO_LARGE.code()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  \t", ImportLine.KEYS_EXCLUDED})
    void givenFirstLineThatSaysNothing_whenRead_thenNothing(String text) {
        assertThat(ImportLine.read(line(text, 1), READER)).isEqualTo(new ImportLine.Nothing());
    }

    @Test
    void givenByteOrderMark_whenRead_thenPassedOver() {
        var text = "\uFEFF{\"id\":\"d\",\"status\":\"enabled\"}";

        assertThat(ImportLine.read(line(text, 1), READER)).isInstanceOf(ImportLine.Change.class);
    }

    private static IdentityChange change(String text) {
        return switch (ImportLine.read(line(text, 7), READER)) {
            case ImportLine.Change(var change) -> change;
            case ImportLine other -> throw new AssertionError(other);
        };
    }

    private static Precondition precondition(IdentityChange change) {
        return switch (change) {
            case IdentityChange.Put put -> put.precondition();
            case IdentityChange.CreateOrReplace either -> either.ifExists();
            case IdentityChange.Delete delete -> delete.precondition();
            case IdentityChange.RegenerateKeys other -> throw new AssertionError(other);
        };
    }

    private static BlobLines.Line line(String text, long number) {
        return new BlobLines.Line(text.getBytes(UTF_8), number, 100, false);
    }
}
