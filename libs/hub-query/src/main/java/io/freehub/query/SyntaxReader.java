package io.freehub.query;

import io.freehub.query.Expression.And;
import io.freehub.query.Expression.Arithmetic;
import io.freehub.query.Expression.Call;
import io.freehub.query.Expression.Comparison;
import io.freehub.query.Expression.In;
import io.freehub.query.Expression.Literal;
import io.freehub.query.Expression.Not;
import io.freehub.query.Expression.Or;
import io.freehub.query.Query.Aggregate;
import io.freehub.query.Query.Item;
import io.freehub.query.Query.Property;
import io.freehub.query.Query.Source;
import io.freehub.query.grammar.HubParser;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/** Makes a query of what the grammar found in a text, and refuses what the grammar lets through. */
final class SyntaxReader {

    private static final Expression ZERO = new Literal(Value.of(0));
    private static final BigDecimal LARGEST = new BigDecimal("1e308");
    private static final BigDecimal SMALLEST = new BigDecimal("1e-308");

    private final UnaryOperator<Path> naming;
    private final java.util.function.Function<Path, Optional<String>> refusal;

    /** @param naming how the paths of the text are meant */
    SyntaxReader(UnaryOperator<Path> naming) {
        this(naming, _ -> Optional.empty());
    }

    /** @param refusal what is wrong with a path, as it is meant */
    SyntaxReader(UnaryOperator<Path> naming, java.util.function.Function<Path, Optional<String>> refusal) {
        this.naming = naming;
        this.refusal = refusal;
    }

    Query query(HubParser.QueryContext text) {
        var source = source(text.source());
        var selection = text.selection();
        var items = limited(selection.item(), QueryParser.MAX_ITEMS, "selected properties").stream()
                .map(this::item)
                .toList();
        var groupBy = limited(text.path(), QueryParser.MAX_ITEMS, "properties to group by").stream()
                .map(this::path)
                .toList();
        var where = Optional.ofNullable(text.expression()).map(condition -> expression(condition, 1));
        var query = new Query(top(text.NUMBER()), items, source, where, groupBy, order(text.order()));
        if (source == Source.JOBS) {
            checkJobs(query, text);
        }
        if (query.isAggregated()) {
            checkGroups(query, selection);
            if (query.orderBy().isPresent()) {
                throw refused(text.order(), "rows that stand for several records cannot be ordered");
            }
        }
        return query;
    }

    private Optional<Query.Order> order(HubParser.@Nullable OrderContext text) {
        return Optional.ofNullable(text).map(order -> new Query.Order(path(order.path()), order.DESC() != null));
    }

    Expression condition(HubParser.ExpressionContext text) {
        return expression(text, 1);
    }

    static Source source(HubParser.SourceContext text) {
        return Arrays.stream(Source.values())
                .filter(source -> source.text().equalsIgnoreCase(text.getText()))
                .findFirst()
                .orElseThrow(() -> refused(
                        text,
                        "there is no " + QueryParser.shown(text.getText())
                                + " to select from, expected devices, devices.modules or devices.jobs"));
    }

    private static OptionalInt top(@Nullable TerminalNode number) {
        if (number == null) {
            return OptionalInt.empty();
        }
        var digits = number.getText();
        if (!digits.matches("0*[1-9][0-9]{0,8}")) {
            throw QueryParser.at(number.getSymbol(), "TOP takes a count from 1 to 999999999");
        }
        return OptionalInt.of(Integer.parseInt(digits));
    }

    private static void checkJobs(Query query, HubParser.QueryContext text) {
        if (!query.selectsAll() || query.isAggregated()) {
            throw refused(text.selection(), "devices.jobs can only be asked for *, without GROUP BY");
        }
        if (query.where().stream().flatMap(Expression::paths).anyMatch(TwinProperties::isOfTwin)) {
            throw refused(text.expression(), "a condition on devices.jobs cannot ask for what is of a twin");
        }
        if (query.orderBy().isPresent()) {
            throw refused(text.order(), "devices.jobs come in the order of jobs, and of devices in each");
        }
    }

    private static void checkGroups(Query query, HubParser.SelectionContext text) {
        if (query.selectsAll()) {
            throw refused(text, "* cannot be grouped; select what the query groups by, or COUNT, AVG, SUM, MIN, MAX");
        }
        for (var i = 0; i < query.items().size(); i++) {
            if (query.items().get(i).selected() instanceof Property(var path)
                    && !query.groupBy().contains(path)) {
                throw refused(
                        text.item(i),
                        "a property beside COUNT, AVG, SUM, MIN or MAX must be one that the query groups by");
            }
        }
    }

    private Item item(HubParser.ItemContext text) {
        var selected = text.path() == null ? aggregate(text.aggregate()) : new Property(path(text.path()));
        var alias = text.anyName() == null
                ? Optional.ofNullable(text.plainName()).map(SyntaxReader::name)
                : Optional.of(name(text.anyName()));
        return new Item(selected, alias);
    }

    private Aggregate aggregate(HubParser.AggregateContext text) {
        var name = text.NAME().getText().toUpperCase(Locale.ROOT);
        var kind = Arrays.stream(Aggregate.Kind.values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> refused(
                        text,
                        QueryParser.shown(text.NAME().getText())
                                + " cannot be selected, expected a property, COUNT, AVG, SUM, MIN or MAX"));
        var of = Optional.ofNullable(text.path()).map(this::path);
        if (of.isEmpty() && kind != Aggregate.Kind.COUNT) {
            throw refused(text, kind + " takes a property");
        }
        return new Aggregate(kind, of);
    }

    // The depth is that of the expression to be made, from 1. It is looked at where every branch ends: in primary.

    private Expression expression(HubParser.ExpressionContext text, int depth) {
        var operands = limited(text.conjunction(), QueryParser.MAX_LIST, "operands of OR");
        return operands.size() == 1
                ? conjunction(operands.getFirst(), depth)
                : new Or(operands.stream()
                        .map(operand -> conjunction(operand, depth + 1))
                        .toList());
    }

    private Expression conjunction(HubParser.ConjunctionContext text, int depth) {
        var operands = limited(text.negation(), QueryParser.MAX_LIST, "operands of AND");
        return operands.size() == 1
                ? negation(operands.getFirst(), depth)
                : new And(operands.stream()
                        .map(operand -> negation(operand, depth + 1))
                        .toList());
    }

    private Expression negation(HubParser.NegationContext text, int depth) {
        var times = text.NOT().size();
        var expression = comparison(text.comparison(), depth + times);
        for (var i = 0; i < times; i++) {
            expression = new Not(expression);
        }
        return expression;
    }

    private Expression comparison(HubParser.ComparisonContext text, int depth) {
        if (text.relation() != null) {
            return new Comparison(operator(text.relation()), sum(text.sum(0), depth + 1), sum(text.sum(1), depth + 1));
        }
        if (text.array() != null) {
            return new In(sum(text.sum(0), depth + 1), array(text.array()), text.IN() == null || text.NOT() != null);
        }
        return sum(text.sum(0), depth);
    }

    private static Comparison.Operator operator(HubParser.RelationContext text) {
        return switch (text.getStart().getType()) {
            case HubParser.EQUAL -> Comparison.Operator.EQUAL;
            case HubParser.NOT_EQUAL -> Comparison.Operator.NOT_EQUAL;
            case HubParser.LESS -> Comparison.Operator.LESS;
            case HubParser.LESS_OR_EQUAL -> Comparison.Operator.LESS_OR_EQUAL;
            case HubParser.GREATER -> Comparison.Operator.GREATER;
            case HubParser.GREATER_OR_EQUAL -> Comparison.Operator.GREATER_OR_EQUAL;
            default -> throw new IllegalStateException(text.getText());
        };
    }

    /** Of n operators that bind to the left, the first operand lies n deep, the others less and less. */
    private Expression sum(HubParser.SumContext text, int depth) {
        var operands = text.product();
        var operators = operands.size() - 1;
        var result = product(operands.getFirst(), depth + operators);
        for (var i = 1; i <= operators; i++) {
            var right = product(operands.get(i), depth + operators - i + 1);
            result = new Arithmetic(operator(text, i), result, right);
        }
        return result;
    }

    private Expression product(HubParser.ProductContext text, int depth) {
        var operands = text.signed();
        var operators = operands.size() - 1;
        var result = signed(operands.getFirst(), depth + operators);
        for (var i = 1; i <= operators; i++) {
            var right = signed(operands.get(i), depth + operators - i + 1);
            result = new Arithmetic(operator(text, i), result, right);
        }
        return result;
    }

    /** The operator before the operand of this number: operands and operators take turns. */
    private static Arithmetic.Operator operator(ParserRuleContext chain, int operand) {
        var symbol = chain.getChild(2 * operand - 1).getText().charAt(0);
        return Arrays.stream(Arithmetic.Operator.values())
                .filter(operator -> operator.symbol() == symbol)
                .findFirst()
                .orElseThrow();
    }

    private Expression signed(HubParser.SignedContext text, int depth) {
        if (text.MINUS() == null && text.PLUS() == null) {
            return primary(text.primary(), depth);
        }
        var negative = text.MINUS() != null;
        var operand = primary(text.primary(), depth + 1);
        if (operand instanceof Literal(Value.Num(var number))) {
            return new Literal(new Value.Num(negative ? number.negate() : number));
        }
        return new Arithmetic(negative ? Arithmetic.Operator.SUBTRACT : Arithmetic.Operator.ADD, ZERO, operand);
    }

    private Expression primary(HubParser.PrimaryContext text, int depth) {
        if (depth > Expression.MAX_DEPTH) {
            throw refused(text, "the condition is nested deeper than " + Expression.MAX_DEPTH);
        }
        if (text.expression() != null) {
            return expression(text.expression(), depth);
        }
        if (text.call() != null) {
            return call(text.call(), depth);
        }
        if (text.path() != null) {
            return path(text.path());
        }
        return new Literal(
                text.array() == null
                        ? constant(text.literal().getStart(), false)
                        : new Value.Array(array(text.array())));
    }

    private Call call(HubParser.CallContext text, int depth) {
        var name = text.NAME().getText();
        var function = Function.named(name)
                .orElseThrow(() -> refused(
                        text,
                        Arrays.stream(Aggregate.Kind.values())
                                        .anyMatch(kind -> kind.name().equalsIgnoreCase(name))
                                ? name + " can only be selected, not be part of a condition"
                                : "there is no function " + QueryParser.shown(name)));
        if (!function.takes(text.expression().size())) {
            throw refused(
                    text,
                    name + " takes " + function.arity() + ", not "
                            + text.expression().size());
        }
        var arguments = new ArrayList<Expression>();
        for (var argument : text.expression()) {
            arguments.add(expression(argument, depth + 1));
        }
        if (function == Function.IS_DEFINED && !(arguments.getFirst() instanceof Path)) {
            throw refused(text.expression(0), name + " takes a property");
        }
        return new Call(function, arguments);
    }

    private static List<Value> array(HubParser.ArrayContext text) {
        return limited(text.constant(), QueryParser.MAX_LIST, "constants in square brackets").stream()
                .map(constant -> constant(constant.getStop(), constant.MINUS() != null))
                .toList();
    }

    private static Value constant(Token token, boolean negative) {
        return switch (token.getType()) {
            case HubParser.NUMBER -> new Value.Num(negative ? number(token).negate() : number(token));
            case HubParser.STRING -> Value.of(string(token));
            case HubParser.TRUE -> Value.TRUE;
            case HubParser.FALSE -> Value.FALSE;
            case HubParser.NULL -> Value.NULL;
            case HubParser.UNDEFINED -> Value.UNDEFINED;
            default -> throw new IllegalStateException(token.getText());
        };
    }

    private static BigDecimal number(Token token) {
        var text = token.getText().toLowerCase(Locale.ROOT);
        // An exponent that no double has is not even computed with.
        if (!text.startsWith("0x") && text.matches(".*e[+-]?0*[0-9]{5,}")) {
            throw QueryParser.at(token, "the number is out of range");
        }
        var number =
                text.startsWith("0x") ? new BigDecimal(new BigInteger(text.substring(2), 16)) : new BigDecimal(text);
        if (number.signum() != 0 && (number.compareTo(LARGEST) > 0 || number.compareTo(SMALLEST) < 0)) {
            throw QueryParser.at(token, "the number is out of range");
        }
        return number;
    }

    private static String string(Token token) {
        try {
            return Quoting.read(token.getText());
        } catch (IllegalArgumentException e) {
            throw QueryParser.at(token, e.getMessage());
        }
    }

    private Path path(HubParser.PathContext text) {
        var steps = new ArrayList<Path.Step>();
        steps.add(new Path.Name(name(text.plainName())));
        for (var step : text.step()) {
            if (step.anyName() != null) {
                steps.add(new Path.Name(name(step.anyName())));
            } else if (step.STRING() != null) {
                steps.add(new Path.Name(string(step.STRING().getSymbol())));
            } else {
                steps.add(new Path.Index(position(step.NUMBER().getSymbol())));
            }
        }
        if (steps.size() > Path.MAX_STEPS) {
            throw refused(text, "a property lies at most " + Path.MAX_STEPS + " steps deep");
        }
        var path = naming.apply(new Path(steps));
        refusal.apply(path).ifPresent(problem -> {
            throw refused(text, problem);
        });
        return path;
    }

    private static int position(Token number) {
        if (!number.getText().matches("[0-9]{1,9}")) {
            throw QueryParser.at(number, "expected a position from 0 to 999999999");
        }
        return Integer.parseInt(number.getText());
    }

    private static String name(HubParser.AnyNameContext text) {
        return text.plainName() == null ? text.getText() : name(text.plainName());
    }

    private static String name(HubParser.PlainNameContext text) {
        var name = text.getText();
        return text.QUOTED_NAME() == null ? name : name.substring(2, name.length() - 2);
    }

    private static <T extends ParserRuleContext> List<T> limited(List<T> list, int most, String what) {
        if (list.size() > most) {
            throw refused(list.get(most), "too many " + what + ", at most " + most + " are allowed");
        }
        return list;
    }

    private static QueryException refused(ParserRuleContext where, String problem) {
        return QueryParser.at(where.getStart(), problem);
    }
}
