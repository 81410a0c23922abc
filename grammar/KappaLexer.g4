// The words of the language: PostgreSQL's lexical rules over bytes (a byte above 127 counts as a letter, so UTF-8 passes through).
//
// Every name under `tokens` is a keyword, spelled as its name (less a final underscore where the bare name would clash with C++ or
// ANTLR), in any case. Which of them may serve as names is said at the end of KappaParser.g4. A new keyword is one word in each.
lexer grammar KappaLexer;

options { superClass = KeywordLexer; }

@lexer::postinclude {
#include "parser/antlr/keyword_lexer.h"
}

tokens {
  ABORT, ADD, AFTER, AGGREGATE, AHEAD, ALL, ALTER, ALWAYS, ANALYSE, ANALYZE, AND, ANY, APPEND, ARRAY, AS, ASC, ASM, ASOF, ASYMMETRIC, AT,
  BEGIN, BETWEEN, BOTH, BY,
  CALL, CANCEL, CASCADE, CASE, CAST, CHANGES, CHAR, CHARACTER, CHECK, CLOSE, COLLATE, COLUMN, COLUMNS, COMMENT, COMMIT, CONFLICT,
  CONNECTION, CONSTRAINT, COPY, CREATE, CROSS, CUBE, CUMULATE, CURRENT, CURRENT_CATALOG, CURRENT_DATE, CURRENT_ROLE, CURRENT_SCHEMA,
  CURRENT_TIME, CURRENT_TIMESTAMP, CURRENT_USER, CUTOVER,
  DATABASE, DATAFLOW, DAY, DEAD, DEALLOCATE, DECLARE, DEFAULT, DEFERRABLE, DELETE, DESC, DESCRIBE, DESCRIPTOR, DIFF, DISCARD,
  DISTINCT, DO, DOUBLE, DROP,
  EARLIEST, ELSE, EMIT, ENCODE, END, EPOCH, ERROR, ESCAPE, EXCEPT, EXCLUDE, EXECUTE, EXISTS, EXPLAIN, EXTRACT,
  FAIL, FALSE, FETCH, FILTER, FINAL, FIRST, FLUSH, FOLLOWING, FOR, FOREIGN, FORMAT, FROM, FULL, FUNCTION,
  GAP, GENERATED, GRANT, GROUP, GROUPING, GROUPS,
  HAVING, HEADER, HOP, HOUR,
  IF, IGNORE, ILIKE, IN, INCLUDE, INDEX, INITIALLY, INNER, INSERT, INTERSECT, INTERVAL, INTO, IS, ISNULL,
  JOIN, JSON,
  KEY, KEYS,
  LANGUAGE, LAST, LATE, LATERAL, LATEST, LEADING, LEFT, LETTER, LIKE, LIMIT, LLVM, LOCAL, LOCALTIME, LOCALTIMESTAMP, LOG, LOGICAL,
  LOST,
  MATERIALIZED, MAX, MERGE, METADATA, MINUTE, MONTH,
  NATURAL, NEXT, NO, NOT, NOTHING, NOTNULL, NULLS, NULL_,
  OBJECT, OF, OFFSET, OFFSETS, ON, ONLY, OR, ORDER, ORDINALITY, OTHERS, OUTER, OVER, OVERLAPS, OVERLAY, OVERWRITE, OWNER,
  PARTITION, PIPELINES, PLACING, POSITION, PRECEDING, PRECISION, PREPARE, PRIMARY,
  RANGE, RECURSIVE, REFERENCES, REFRESH, RENAME, REPLACE, REPLAY, RESET, RESPECT, RESTRICT, RETURN, RETURNING, RETURNS, REVOKE, RIGHT, ROLE,
  ROLLBACK, ROLLUP, ROW, ROWS,
  SAVEPOINT, SCALAR, SCHEMA, SECOND, SECRET, SELECT, SEQUENCE, SESSION, SESSION_USER, SET, SETS, SHOW, SIMILAR, SINK, SKIP_, SOME,
  SOURCE, START, STATEMENT, STDIN, STDOUT, STORED, STRUCT, SUBSCRIBE, SUBSTRING, SWAP, SYMMETRIC, SYSTEM_TIME,
  TABLE, TABLESAMPLE, TEMP, TEMPORARY, THEN, TIES, TIME, TIMESTAMP, TO, TRAILING, TRANSACTION, TRIM, TRUE, TRUNCATE, TRY_CAST,
  TUMBLE, TYPE,
  UESCAPE, UNBOUNDED, UNION, UNIQUE, UNKNOWN, UNTIL, UPDATE, USE, USER, USING,
  VACUUM, VALUE, VALUES, VARIADIC, VARYING, VIEW,
  WATERMARK, WHEN, WHERE, WINDOW, WITH, WITHIN, WITHOUT, WORK,
  YEAR,
  ZONE,
  // Not keywords. Operators with a meaning in the grammar, told from the others by ClassifyOperator():  + - * / % ^ = <> < > <= >= =>
  PLUS, MINUS, STAR, SLASH, PERCENT, CARET, EQUAL, NOT_EQUAL, LESS, GREATER, LESS_EQUAL, GREATER_EQUAL, ARROW,
  // A `(` that opens a query, told from one that groups an expression by the scan in parser/token_scan.cc: this keeps the parser's
  // look-ahead at one or two tokens however deep the parentheses are.
  QUERY_PAREN,
  // An error, as those at the end of this file.
  UNTERMINATED_DOLLAR_STRING
}

// ---- names -------------------------------------------------------------------------------------------------------------------

IDENTIFIER: [a-zA-Z_\u0080-\u00ff] [a-zA-Z_\u0080-\u00ff0-9$]* { ClassifyWord(); };     // becomes a keyword here when it is one
QUOTED_IDENTIFIER: ([uU] '&')? '"' (~'"' | '""')* '"';
PARAMETER: '$' [0-9]+;

// ---- constants ---------------------------------------------------------------------------------------------------------------

// Pieces separated by white space with a line break are one constant.
STRING: '\'' (~'\'' | '\'\'')* '\'' CONTINUED*;
ESCAPED_STRING: [eE] '\'' ('\\' . | '\'\'' | ~['\\])* '\'';
UNICODE_STRING: [uU] '&' '\'' (~'\'' | '\'\'')* '\'';
DOLLAR_STRING: '$' ([a-zA-Z_\u0080-\u00ff] [a-zA-Z_\u0080-\u00ff0-9]*)? '$' { ScanDollarBody(); };
fragment CONTINUED: [ \t\r\f]* '\n' [ \t\r\n\f]* '\'' (~'\'' | '\'\'')* '\'';

BIT_STRING: [bBxX] '\'' ~'\''* '\'';

// 1_000_000, 0xFF, 0o17, 0b1010: an underscore stands between two digits, or after the prefix.
INTEGER_CONSTANT: DIGITS | '0' ([xX] ('_'? [0-9a-fA-F])+ | [oO] ('_'? [0-7])+ | [bB] ('_'? [01])+);
DECIMAL_CONSTANT: (DIGITS '.' DIGITS? | '.' DIGITS) EXPONENT? | DIGITS EXPONENT;
fragment DIGITS: [0-9]+ ('_' [0-9]+)*;
fragment EXPONENT: [eE] [+\-]? DIGITS;

// ---- punctuation and operators -----------------------------------------------------------------------------------------------

LPAREN: '(';
RPAREN: ')';
LBRACKET: '[';
RBRACKET: ']';
COMMA: ',';
SEMICOLON: ';';
DOT: '.';
DOUBLE_COLON: '::';
COLON_EQUALS: ':=';
COLON: ':';

// Before operators, which are made of the same characters. Block comments nest: their end is found by code.
LINE_COMMENT: '--' ~[\r\n]* -> skip;
BLOCK_COMMENT: '/*' OPERATOR_CHARACTER* { ScanBlockComment(); } -> skip;

// Any run of operator characters, cut where a comment begins and where PostgreSQL cuts a final + or -.
OPERATOR: OPERATOR_CHARACTER+ { ClassifyOperator(); };
// OPERATOR(pg_catalog.~), as psql writes them: any operator, with the precedence of those without a meaning in the grammar.
QUALIFIED_OPERATOR: [oO] [pP] [eE] [rR] [aA] [tT] [oO] [rR] BLANKS '(' BLANKS ([pP] [gG] '_' [cC] [aA] [tT] [aA] [lL] [oO] [gG] BLANKS '.' BLANKS)?
                    OPERATOR_CHARACTER+ BLANKS ')' -> type(OPERATOR);
fragment BLANKS: [ \t\r\n]*;
fragment OPERATOR_CHARACTER: [+\-*/<>=~!@#%^&|`?];

// ---- white space -----------------------------------------------------------------------------------------------------------------

SPACE: [ \t\r\n\f\u000b]+ -> skip;

// ---- what is wrong: never in the parser's rules, reported by the scan ----------------------------------------------------------

UNTERMINATED_STRING: ([eE] | [uU] '&')? '\'' (~'\'' | '\'\'')*;
UNTERMINATED_IDENTIFIER: '"' (~'"' | '""')*;
JUNK_AFTER_NUMBER: ([0-9]+ ('.' [0-9]*)? EXPONENT? | '.' [0-9]+ EXPONENT?) [a-zA-Z_\u0080-\u00ff] [a-zA-Z_\u0080-\u00ff0-9$]*;
UNEXPECTED_CHARACTER: .;
