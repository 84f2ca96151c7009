package io.freehub.twin.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads and writes JSON without a change of any number or string. */
public final class JsonText {

    /** Arrays in arrays: nothing that a twin may hold is as deep. */
    private static final int MAX_NESTING = 100;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
            .build();

    private JsonText() {}

    /**
     * Reads an object in UTF-8. Of members with the same name the last counts.
     *
     * @throws HubException {@link HubError#FORMAT_ERROR} when it is no JSON or nested too deeply,
     *     {@link HubError#ARGUMENT_INVALID} when it is no object
     */
    public static Json.Fields readObject(byte[] utf8) {
        try (var parser = FACTORY.createParser(utf8)) {
            if (parser.nextToken() == null) {
                throw new HubException(HubError.ARGUMENT_NULL, "the body is missing");
            }
            var value = read(parser);
            if (parser.nextToken() != null) {
                throw new HubException(HubError.FORMAT_ERROR, "the body goes on after its JSON" + at(parser));
            }
            if (value instanceof Json.Fields fields) {
                return fields;
            }
            throw new HubException(HubError.ARGUMENT_INVALID, "the body must be a JSON object");
        } catch (JsonProcessingException e) {
            // Jackson's own message quotes the body.
            var at = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new HubException(
                    HubError.FORMAT_ERROR, "the body is not valid JSON of at most " + MAX_NESTING + " levels" + at, e);
        } catch (IOException e) {
            throw new HubException(HubError.FORMAT_ERROR, "the body is not valid UTF-8", e);
        }
    }

    /** Reads an object that was written by {@link #write}. */
    public static Json.Fields readObject(String text) {
        return readObject(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The value as JSON text. */
    public static String write(Json value) {
        var text = new StringWriter();
        try (var generator = FACTORY.createGenerator(text)) {
            write(value, generator);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static String at(JsonParser parser) {
        var location = parser.currentTokenLocation();
        return " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static Json read(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> readFields(parser);
            case START_ARRAY -> {
                var values = new ArrayList<Json>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    values.add(read(parser));
                }
                yield new Json.Items(values);
            }
            case VALUE_STRING -> new Json.Text(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json.Number(parser.getText());
            case VALUE_TRUE -> new Json.Bool(true);
            case VALUE_FALSE -> new Json.Bool(false);
            case VALUE_NULL -> new Json.Null();
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException("no value begins with " + parser.currentToken());
        };
    }

    private static Json.Fields readFields(JsonParser parser) throws IOException {
        Map<String, Json> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = parser.currentName();
            parser.nextToken();
            members.put(name, read(parser));
        }
        return new Json.Fields(members);
    }

    private static void write(Json value, JsonGenerator out) throws IOException {
        switch (value) {
            case Json.Fields(var members) -> {
                out.writeStartObject();
                for (var member : members.entrySet()) {
                    out.writeFieldName(member.getKey());
                    write(member.getValue(), out);
                }
                out.writeEndObject();
            }
            case Json.Items(var values) -> {
                out.writeStartArray();
                for (var item : values) {
                    write(item, out);
                }
                out.writeEndArray();
            }
            case Json.Text(var text) -> out.writeString(text);
            case Json.Number(var text) -> out.writeNumber(text);
            case Json.Bool(var bool) -> out.writeBoolean(bool);
            case Json.Null() -> out.writeNull();
        }
    }
}
