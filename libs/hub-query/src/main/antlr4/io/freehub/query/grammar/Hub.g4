/** Queries over twins and jobs, and conditions of routes and configurations: one grammar, three entries. */
grammar Hub;

options { caseInsensitive = true; }

// What a whole text may be.
query: SELECT (TOP NUMBER)? selection FROM source (WHERE expression)? (GROUP BY path (COMMA path)*)? order? EOF;
condition: expression EOF;
target: (STAR | FROM source (WHERE expression)? | expression) EOF;

order: ORDER BY path (ASC | DESC)?;

selection: STAR | item (COMMA item)*;
item: (aggregate | path) (AS anyName | plainName)?;
aggregate: NAME LEFT (STAR | NUMBER | path)? RIGHT;
source: NAME (DOT NAME)?;

// Loosely to tightly binding. No rule but `primary` and `call` leads back here: only brackets nest.
expression: conjunction (OR conjunction)*;
conjunction: negation (AND negation)*;
negation: NOT* comparison;
comparison: sum (relation sum | (IN | NIN | NOT IN) array)?;
relation: EQUAL | NOT_EQUAL | LESS | LESS_OR_EQUAL | GREATER | GREATER_OR_EQUAL;
sum: product ((PLUS | MINUS) product)*;
product: signed ((STAR | SLASH | PERCENT) signed)*;
signed: (PLUS | MINUS)? primary;
primary: literal | array | call | path | LEFT expression RIGHT;
call: NAME LEFT (expression (COMMA expression)*)? RIGHT;

literal: NUMBER | STRING | TRUE | FALSE | NULL | UNDEFINED;
array: LEFT_SQUARE (constant (COMMA constant)*)? RIGHT_SQUARE;
constant: (PLUS | MINUS)? NUMBER | STRING | TRUE | FALSE | NULL;

path: plainName step*;
step: DOT anyName | LEFT_SQUARE (NUMBER | STRING) RIGHT_SQUARE;
plainName: NAME | QUOTED_NAME | ORDER | ASC | DESC;
// Where a name is certain, a reserved word is one too.
anyName: plainName | SELECT | TOP | FROM | WHERE | GROUP | BY | AS | AND | OR | NOT | IN | NIN | TRUE | FALSE | NULL | UNDEFINED;

SELECT: 'select';
TOP: 'top';
FROM: 'from';
WHERE: 'where';
GROUP: 'group';
BY: 'by';
AS: 'as';
// These are names too: properties are called so.
ORDER: 'order';
ASC: 'asc';
DESC: 'desc';
AND: 'and';
OR: 'or';
NOT: 'not';
IN: 'in';
NIN: 'nin';
TRUE: 'true';
FALSE: 'false';
NULL: 'null';
UNDEFINED: 'undefined';

EQUAL: '=';
NOT_EQUAL: '!=' | '<>';
LESS: '<';
LESS_OR_EQUAL: '<=';
GREATER: '>';
GREATER_OR_EQUAL: '>=';
PLUS: '+';
MINUS: '-';
STAR: '*';
SLASH: '/';
PERCENT: '%';
LEFT: '(';
RIGHT: ')';
LEFT_SQUARE: '[';
RIGHT_SQUARE: ']';
COMMA: ',';
DOT: '.';

NUMBER: '0x' [0-9a-f]+ | [0-9]+ ('.' [0-9]+)? ('e' [+-]? [0-9]+)?;
STRING: '\'' (~['\\] | '\\' . | '\'\'')* '\'' | '"' (~["\\] | '\\' . | '""')* '"';
QUOTED_NAME: '[[' .*? ']]';
// A hyphen belongs to the name when a character of the name follows without a space.
NAME: NAME_START ('-'* (NAME_START | [0-9]))*;
fragment NAME_START: [a-z_$] | [\u00A1-\u{10FFFF}];

SPACE: [ \t\r\n]+ -> skip;
COMMENT: '/*' .*? '*/' -> skip;
