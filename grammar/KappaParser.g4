// The sentences of the language. Streaming SQL on PostgreSQL's base: docs and dialect first, this file is the exact form.
//
// How to read it: statements, then queries, then expressions (operators stand in order of precedence, tightest first, as PostgreSQL
// has them), then names. `parser/builder*.cc` turns each rule into a node of parser/ast. Chains (a + b + c, joins, UNION) are left
// recursive, so that their length costs no stack.
parser grammar KappaParser;

options {
  tokenVocab = KappaLexer;
  superClass = DepthLimitedParser;
}

@parser::postinclude {
#include "parser/antlr/depth_limited_parser.h"
}

// One statement, without its semicolon.
singleStatement: statement EOF;
singleExpression: expression EOF;

statement
    : EXPLAIN (ANALYZE | ANALYSE)? explainOptions? explainable      # explainStatement
    | explainable                                       # plainStatement
    ;

// ANALYZE [TRUE], LOGICAL, DATAFLOW, PIPELINES, LLVM, ASM, FORMAT JSON: which words they are the builder says.
explainOptions: LPAREN explainOption (COMMA explainOption)* RPAREN;
explainOption: label label?;

explainable
    : query emitClause                                  # queryStatement
    | createRelation                                    # createRelationStatement
    | createView                                        # createViewStatement
    | createSink                                        # createSinkStatement
    | createIndex                                       # createIndexStatement
    | createFunction                                    # createFunctionStatement
    | CREATE orReplace? SECRET ifNotExists? qualifiedName withOptions? AS string            # createSecretStatement
    | CREATE orReplace? CONNECTION ifNotExists? qualifiedName withOptions                   # createConnectionStatement
    | CREATE SCHEMA ifNotExists? name                                                       # createSchemaStatement
    | CREATE USER ifNotExists? name WITH? userOption*                                       # createUserStatement
    | ALTER objectKind ifExists? qualifiedName functionSignature? alterAction (COMMA alterAction)*   # alterStatement
    | COMMENT ON (COLUMN | objectKind) qualifiedName functionSignature? IS (string | NULL_) # commentStatement
    | DROP objectKind ifExists? dropTarget (COMMA dropTarget)* (CASCADE | RESTRICT)?        # dropStatement
    | insert                                            # insertStatement
    | updateRows                                        # updateStatement
    | deleteRows                                        # deleteStatement
    | TRUNCATE TABLE? qualifiedName                     # truncateStatement
    | copyRows                                          # copyStatement
    | SET (SESSION | LOCAL)? settingName (TO | EQUAL) (DEFAULT | settingValue (COMMA settingValue)*)   # setStatement
    | SET (SESSION | LOCAL)? TIME ZONE (DEFAULT | LOCAL | settingValue)                     # setTimeZoneStatement
    | RESET (ALL | settingName)                         # resetStatement
    | SHOW CREATE objectKind? qualifiedName             # showCreateStatement
    | SHOW (ALL | name (DOT label)* name?) ((FROM | IN) qualifiedName)? (LIKE string)?      # showStatement
    | (DESCRIBE | DESC) (qualifiedName | string | query)                                    # describeStatement
    | PREPARE name (LPAREN typeName (COMMA typeName)* RPAREN)? AS explainable               # prepareStatement
    | EXECUTE STATEMENT SET BEGIN (insert SEMICOLON)+ END                                   # statementSet
    | EXECUTE name (LPAREN (expression (COMMA expression)*)? RPAREN)?                       # executeStatement
    | DEALLOCATE PREPARE? (ALL | name)                  # deallocateStatement
    | (BEGIN (WORK | TRANSACTION)? | START TRANSACTION) # beginStatement
    | (COMMIT | END) (WORK | TRANSACTION)?              # commitStatement
    | (ROLLBACK | ABORT) (WORK | TRANSACTION)?          # rollbackStatement
    | FLUSH                                             # flushStatement
    | SUBSCRIBE TO (qualifiedName | QUERY_PAREN query RPAREN)                               # subscribeStatement
    | replay                                            # replayStatement
    | DIFF qualifiedName (LIMIT expression)?            # diffStatement
    | CUTOVER qualifiedName                             # cutoverStatement
    | ROLLBACK qualifiedName                            # replayRollbackStatement
    | CANCEL REPLAY qualifiedName                       # cancelReplayStatement
    | unsupported                                       # unsupportedStatement
    ;

// ---- statements of which only the first words are known: they answer 0A000 with them -----------------------------------------------

unsupported
    : CREATE (OR REPLACE)? unsupportedObject anything
    | ALTER unsupportedObject anything
    | DROP unsupportedObject anything
    | (MERGE | GRANT | REVOKE | DECLARE | FETCH | CLOSE | CALL | DO) anything
    | (ANALYZE | VACUUM | USE | DISCARD | SAVEPOINT) anything
    ;
unsupportedObject: DATABASE | ROLE | AGGREGATE | TYPE | SEQUENCE;
anything: (~SEMICOLON)*;

// ---- CREATE ----------------------------------------------------------------------------------------------------------------------

createRelation
    : CREATE orReplace? temporary? (SOURCE | TABLE) ifNotExists? qualifiedName (LPAREN relationElement (COMMA relationElement)* RPAREN)?
      relationClause* (AS query)?
    ;
relationElement
    : STAR                                                                        # starElement
    | PRIMARY KEY nameList                                                        # primaryKeyElement
    | WATERMARK FOR name AS expression (MAX AHEAD expression)?                    # watermarkElement
    | columnDefinition                                                            # columnElement
    ;
columnDefinition: name typeName? columnConstraint*;
columnConstraint
    : NOT NULL_                                                                   # notNullConstraint
    | NULL_                                                                       # nullConstraint
    | PRIMARY KEY                                                                 # primaryKeyConstraint
    | DEFAULT expression                                                          # defaultConstraint
    | (GENERATED ALWAYS)? AS expression STORED?                                   # computedConstraint
    | METADATA (FROM string)?                                                     # metadataConstraint
    ;
relationClause
    : APPEND ONLY                                                                 # appendOnlyClause
    | ON CONFLICT (OVERWRITE | IGNORE | DO NOTHING | DO UPDATE IF NOT NULL_)      # onConflictClause
    | INCLUDE (source=name | OFFSET) (string typeName?)? (AS alias=name)?                   # includeClause
    | withOptions                                                                 # optionsClause
    | formatClause                                                                # formatRelationClause
    | ON ERROR (FAIL | SKIP_ | DEAD LETTER (INTO qualifiedName)?)                 # onErrorClause
    | ON OFFSET LOST (FAIL | EARLIEST | LATEST)                                   # onOffsetLostClause
    ;
withOptions: WITH optionList;
optionList: LPAREN (option (COMMA option)*)? RPAREN;
option: (label (DOT label)* | string) EQUAL optionValue;
optionValue: SECRET qualifiedName | string | signedNumber | TRUE | FALSE | label (DOT label)*;
formatClause: (FORMAT label)? ENCODE label optionList? (KEY ENCODE label optionList?)?;

createView
    : CREATE orReplace? MATERIALIZED? VIEW ifNotExists? qualifiedName nameList? withOptions? AS query emitClause
    ;
createSink
    : CREATE orReplace? SINK ifNotExists? qualifiedName (LPAREN columnDefinition (COMMA columnDefinition)* RPAREN)? (INTO qualifiedName)?
      (FROM qualifiedName | AS query)? emitClause withOptions? formatClause?
    ;
createIndex
    : CREATE UNIQUE? INDEX ifNotExists? name? ON qualifiedName LPAREN orderItem (COMMA orderItem)* RPAREN (INCLUDE nameList)? whereClause?
    ;
createFunction
    : CREATE orReplace? FUNCTION ifNotExists? qualifiedName LPAREN (functionParameter (COMMA functionParameter)*)? RPAREN functionClause*
    ;
functionParameter: IN? name? typeName ((DEFAULT | EQUAL) expression)?;
functionClause
    : RETURNS TABLE LPAREN columnDefinition (COMMA columnDefinition)* RPAREN                # returnsTable
    | RETURNS typeName                                                                      # returnsType
    | LANGUAGE (label | string)                                                             # functionLanguage
    | AS string                                                                             # functionBody
    | RETURN expression                                                                     # functionReturn
    | name                                                                                  # functionAttribute
    ;
functionSignature: LPAREN (typeName (COMMA typeName)*)? RPAREN;
userOption: name string?;

alterAction
    : RENAME TO name                                                                        # renameAction
    | RENAME COLUMN? name TO name                                                           # renameColumnAction
    | ADD COLUMN? ifNotExists? columnDefinition                                             # addColumnAction
    | DROP COLUMN? ifExists? name (CASCADE | RESTRICT)?                                     # dropColumnAction
    | ALTER COLUMN? name (SET name)? TYPE typeName (USING expression)?                      # columnTypeAction
    | ALTER COLUMN? name SET DEFAULT expression                                             # columnDefaultAction
    | ALTER COLUMN? name DROP DEFAULT                                                       # columnDropDefaultAction
    | ALTER COLUMN? name (SET | DROP) NOT NULL_                                             # columnNotNullAction
    | SET SCHEMA name                                                                       # setSchemaAction
    | SET optionList                                                                        # setOptionsAction
    | SET settingName (TO | EQUAL) (DEFAULT | settingValue)                                 # setParameterAction
    | OWNER TO name                                                                         # ownerAction
    | SWAP WITH qualifiedName                                                               # swapAction
    | REFRESH SCHEMA                                                                        # refreshAction
    | withOptions? AS string                                                                # secretAction
    | formatClause                                                                          # formatAction
    ;
dropTarget: qualifiedName functionSignature?;

insert: INSERT INTO qualifiedName (AS name)? nameList? (query | DEFAULT VALUES) conflictClause? returningClause? emitClause;
conflictClause
    : ON CONFLICT nameList? DO (NOTHING | UPDATE SET assignment (COMMA assignment)* whereClause?)
    ;
returningClause: RETURNING selectItem (COMMA selectItem)*;
assignment: (name | nameList) EQUAL (DEFAULT | expression);
updateRows
    : UPDATE qualifiedName rowsAlias? SET assignment (COMMA assignment)* fromClause? whereClause? returningClause?
    ;
deleteRows
    : DELETE FROM qualifiedName rowsAlias? (USING tableReference (COMMA tableReference)*)? whereClause? returningClause?
    ;
rowsAlias: AS name | bareAlias;
copyRows
    : COPY (qualifiedName nameList? | QUERY_PAREN query RPAREN) (FROM | TO) (string | STDIN | STDOUT)
      (WITH? (LPAREN copyOption (COMMA copyOption)* RPAREN | copyWord+))?
    ;
copyOption: label (string | signedNumber | label)?;
copyWord: label string?;
// Starts version 2 of a view or sink beside the one that runs.
replay
    : REPLAY qualifiedName (FROM logPosition)? (UNTIL logPosition)? (INTO qualifiedName)? withOptions? (AS query emitClause)?
    ;

// CHANGES and FINAL are other products' words for ON UPDATE and ON WINDOW CLOSE.
emitClause: emitMode? (LATE INTO qualifiedName)?;
emitMode: EMIT (ON UPDATE | ON WINDOW CLOSE | CHANGES | FINAL);

orReplace: OR REPLACE;
temporary: TEMP | TEMPORARY;
ifNotExists: IF NOT EXISTS;
ifExists: IF EXISTS;
objectKind: SOURCE | TABLE | MATERIALIZED VIEW | VIEW | SINK | INDEX | SCHEMA | FUNCTION | SECRET | CONNECTION | USER;
settingName: name (DOT label)*;
settingValue: string | signedNumber | ON | TRUE | FALSE | name (DOT label)*;

// ---- queries -----------------------------------------------------------------------------------------------------------------------

query: withClause? queryBody (ORDER BY orderItem (COMMA orderItem)*)? limitClause*;
withClause: WITH RECURSIVE? commonTable (COMMA commonTable)*;
commonTable: name nameList? AS (NOT? MATERIALIZED)? QUERY_PAREN query RPAREN;
limitClause
    : LIMIT (ALL | expression)                                                              # limit
    | OFFSET expression (ROW | ROWS)?                                                       # offset
    | FETCH (FIRST | NEXT) fetchCount? (ROW | ROWS) (ONLY | WITH TIES)                      # fetch
    ;
fetchCount: INTEGER_CONSTANT | PARAMETER | LPAREN expression RPAREN;

queryBody
    : queryPrimary                                                                          # primaryBody
    | queryBody INTERSECT (ALL | DISTINCT)? queryBody                                       # intersectBody
    | queryBody (UNION | EXCEPT) (ALL | DISTINCT)? queryBody                                # unionBody
    ;
queryPrimary
    : select                                                                                # selectQuery
    | VALUES valuesRow (COMMA valuesRow)*                                                   # valuesQuery
    | TABLE qualifiedName                                                                   # tableQuery
    | QUERY_PAREN query RPAREN                                                              # nestedQuery
    ;
valuesRow: LPAREN valuesItem (COMMA valuesItem)* RPAREN | QUERY_PAREN query RPAREN;
valuesItem: DEFAULT | expression;

select
    : SELECT (ALL | DISTINCT distinctOn?)? (selectItem (COMMA selectItem)*)?
      fromClause? whereClause? groupByClause? havingClause? windowClause?
    ;
distinctOn: ON LPAREN expression (COMMA expression)* RPAREN;
selectItem: STAR | expression (AS label | bareAlias)?;
fromClause: FROM tableReference (COMMA tableReference)*;
whereClause: WHERE expression;
groupByClause: GROUP BY (ALL | DISTINCT)? groupingElement (COMMA groupingElement)*;
havingClause: HAVING expression;
windowClause: WINDOW namedWindow (COMMA namedWindow)*;
namedWindow: name AS windowSpecification;
groupingElement
    : LPAREN RPAREN                                                                         # emptyGrouping
    | (ROLLUP | CUBE) LPAREN groupingElement (COMMA groupingElement)* RPAREN                # rollupGrouping
    | GROUPING SETS LPAREN groupingElement (COMMA groupingElement)* RPAREN                  # setsGrouping
    | expression                                                                            # expressionGrouping
    ;
orderItem: expression (ASC | DESC)? (NULLS (FIRST | LAST))?;

// ---- FROM --------------------------------------------------------------------------------------------------------------------------

tableReference
    : tablePrimary                                                                          # primaryReference
    | tableReference CROSS JOIN tablePrimary                                                # crossJoin
    | tableReference NATURAL joinKind? JOIN tablePrimary                                    # naturalJoin
    | tableReference ASOF? joinKind? JOIN tablePrimary (ON expression | USING nameList (AS name)?)     # conditionJoin
    ;
joinKind: INNER | (LEFT | RIGHT | FULL) OUTER?;

tablePrimary
    : QUERY_PAREN query RPAREN tableAlias?                                                  # subqueryTable
    | LATERAL QUERY_PAREN query RPAREN tableAlias?                                          # lateralTable
    | LPAREN tableReference RPAREN tableAlias?                                              # nestedTable
    | string tableAlias?                                                                    # fileTable
    | windowTable tableAlias?                                                               # windowedTable
    | TABLE LPAREN windowTable RPAREN tableAlias?                                           # windowedTable
    | qualifiedName tableTime? tableAlias?                                                  # namedTable
    | LATERAL? functionName callArguments (WITH ORDINALITY)? (tableAlias | rowColumns)?     # functionTable
    ;
tableAlias: (AS name | bareAlias) nameList?;
// Of a function that gives records: json_to_record(x) AS r (a int, b text).
rowColumns: (AS name? | bareAlias) LPAREN columnDefinition (COMMA columnDefinition)* RPAREN;

// The past of a table, or a range of a log.
tableTime
    : FOR SYSTEM_TIME AS OF (EPOCH INTEGER_CONSTANT | operand)                              # systemTime
    | FOR LOG (FROM logPosition)? (UNTIL logPosition)?                                      # logRange
    ;
logPosition: EARLIEST | LATEST | OFFSETS string | TIMESTAMP string;

// TUMBLE(t, ts, INTERVAL '10 s') and TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10 s'); names of arguments may be written.
windowTable
    : (TUMBLE | HOP | CUMULATE | SESSION) LPAREN argumentName? windowInput (PARTITION BY windowPartition)?
      COMMA argumentName? windowTime (COMMA windowArgument)+ RPAREN
    ;
windowInput: TABLE? qualifiedName tableTime? | QUERY_PAREN query RPAREN;
windowArgument: (argumentName | OFFSET (ARROW | COLON_EQUALS))? expression;
windowPartition: expression;
// PROCTIME(): the clock instead of a column.
windowTime: DESCRIPTOR LPAREN qualifiedName RPAREN | qualifiedName (LPAREN RPAREN)?;

// ---- expressions: conditions ---------------------------------------------------------------------------------------------------------

expression
    : operand                                                                               # operandExpression
    | expression NOT? BETWEEN (SYMMETRIC | ASYMMETRIC)? operand AND operand                 # between
    | expression NOT? IN (QUERY_PAREN query RPAREN | LPAREN expression (COMMA expression)* RPAREN)   # in
    | expression NOT? (LIKE | ILIKE | SIMILAR TO) operand (ESCAPE operand)?                 # like
    | expression quantifiedOperator (ANY | SOME | ALL) (QUERY_PAREN query RPAREN | LPAREN expression RPAREN) # quantified
    | expression comparison expression                                                      # compare
    | expression OVERLAPS expression                                                        # overlaps
    | expression IS NOT? (NULL_ | TRUE | FALSE | UNKNOWN)                                   # isTest
    | expression IS NOT? DISTINCT FROM operand                                              # isDistinct
    | expression IS NOT? JSON (VALUE | OBJECT | ARRAY | SCALAR)? ((WITH | WITHOUT) UNIQUE KEYS?)?   # isJson
    | expression (ISNULL | NOTNULL)                                                         # isNull
    | NOT expression                                                                        # not
    | expression AND expression                                                             # and
    | expression OR expression                                                              # or
    ;
comparison: EQUAL | NOT_EQUAL | LESS | GREATER | LESS_EQUAL | GREATER_EQUAL;
quantifiedOperator: comparison | OPERATOR | NOT? (LIKE | ILIKE);

// ---- expressions: operators ----------------------------------------------------------------------------------------------------------

operand
    : primary                                                                               # primaryOperand
    | operand DOUBLE_COLON typeName                                                         # castOperand
    | (PLUS | MINUS) operand                                                                # sign
    | operand COLLATE qualifiedName                                                         # collate
    | operand AT TIME ZONE operand                                                          # atTimeZone
    | operand CARET operand                                                                 # arithmetic
    | operand (STAR | SLASH | PERCENT) operand                                              # arithmetic
    | operand (PLUS | MINUS) operand                                                        # arithmetic
    | operand OPERATOR operand                                                              # otherOperator
    | OPERATOR operand                                                                      # prefixOperator
    ;

primary
    : nameOrCall                                                                            # namePrimary
    | constant                                                                              # constantPrimary
    | PARAMETER indirection*                                                                # parameterPrimary
    | LPAREN expression (COMMA expression)* RPAREN indirection*                             # parentheses
    | QUERY_PAREN query RPAREN indirection*                                                 # scalarSubquery
    | ROW LPAREN (expression (COMMA expression)*)? RPAREN                                   # row
    | ARRAY arrayItems                                                                      # array
    | ARRAY QUERY_PAREN query RPAREN                                                        # arraySubquery
    | CASE caseOperand? (WHEN expression THEN expression)+ (ELSE caseElse)? END             # case
    | (CAST | TRY_CAST) LPAREN expression AS typeName RPAREN                                # cast
    | EXISTS QUERY_PAREN query RPAREN                                                       # exists
    | specialCall                                                                           # specialCallPrimary
    | (CURRENT_DATE | CURRENT_TIME | CURRENT_TIMESTAMP | LOCALTIME | LOCALTIMESTAMP | CURRENT_USER | SESSION_USER | USER | CURRENT_ROLE
      | CURRENT_CATALOG | CURRENT_SCHEMA) (LPAREN INTEGER_CONSTANT RPAREN)?                 # currentValue
    ;
caseOperand: expression;
caseElse: expression;
arrayItems: LBRACKET (arrayItem (COMMA arrayItem)*)? RBRACKET;
arrayItem: expression | arrayItems;

// a | t.a | t.* | f(x) | date '2024-01-01' | a[1].b
nameOrCall
    : (IDENTIFIER | QUOTED_IDENTIFIER | nonReserved) indirection* (call indirection* | string)?
    | columnKeyword indirection*
    | functionKeyword call
    ;
indirection
    : DOT (label | STAR)                                                                    # fieldIndirection
    | LBRACKET expression RBRACKET                                                          # indexIndirection
    | LBRACKET sliceLower? COLON sliceUpper? RBRACKET                                       # sliceIndirection
    ;
sliceLower: expression;
sliceUpper: expression;

constant
    : INTEGER_CONSTANT                                                                      # integerConstant
    | DECIMAL_CONSTANT                                                                      # decimalConstant
    | string                                                                                # stringConstant
    | BIT_STRING                                                                            # bitConstant
    | (TRUE | FALSE)                                                                        # booleanConstant
    | NULL_                                                                                 # nullConstant
    | INTERVAL (LPAREN INTEGER_CONSTANT RPAREN)? string intervalFields?                     # intervalConstant
    | (TIME | TIMESTAMP) timeModifiers string                                               # timeConstant
    | DOUBLE PRECISION string                                                               # doubleConstant
    ;

// Calls that have words between their arguments.
specialCall
    : EXTRACT LPAREN (label | string) FROM expression RPAREN                                # extract
    | SUBSTRING LPAREN expression (FROM expression (FOR expression)? | FOR expression) RPAREN   # substringFrom
    | SUBSTRING LPAREN expression SIMILAR operand ESCAPE operand RPAREN                     # substringSimilar
    | SUBSTRING LPAREN expression (COMMA expression)* RPAREN                                # substringPlain
    | POSITION LPAREN operand IN expression RPAREN                                          # position
    | TRIM LPAREN (LEADING | TRAILING | BOTH)? (expression? FROM)? expression (COMMA expression)* RPAREN   # trim
    | OVERLAY LPAREN expression PLACING expression FROM expression (FOR expression)? RPAREN # overlayPlacing
    | OVERLAY LPAREN expression (COMMA expression)* RPAREN                                  # overlayPlain
    | GROUPING LPAREN expression (COMMA expression)* RPAREN                                 # grouping
    ;

call
    : callArguments (WITHIN GROUP LPAREN ORDER BY orderItem (COMMA orderItem)* RPAREN)? (FILTER LPAREN WHERE expression RPAREN)?
      ((IGNORE | RESPECT) NULLS)? overClause?
    ;
callArguments: LPAREN (STAR | (ALL | DISTINCT)? argument (COMMA argument)* (ORDER BY orderItem (COMMA orderItem)*)?)? RPAREN;
argument: argumentName? expression | VARIADIC expression;
argumentName: name (ARROW | COLON_EQUALS);
overClause: OVER (name | windowSpecification);
windowSpecification
    : LPAREN name? (PARTITION BY expression (COMMA expression)*)? (ORDER BY orderItem (COMMA orderItem)*)? windowFrame? RPAREN
    ;
windowFrame
    : (ROWS | RANGE | GROUPS) (frameBound | BETWEEN frameBound AND frameBound) frameExclusion?   # boundedFrame
    | SESSION WITH GAP expression                                                           # sessionFrame
    ;
frameBound: UNBOUNDED (PRECEDING | FOLLOWING) | CURRENT ROW | operand (PRECEDING | FOLLOWING);
frameExclusion: EXCLUDE (CURRENT ROW | GROUP | TIES | NO OTHERS);

// ---- types -------------------------------------------------------------------------------------------------------------------------

typeName
    : simpleType                                                                            # plainType
    | typeName LBRACKET INTEGER_CONSTANT? RBRACKET                                          # arrayType
    | typeName ARRAY                                                                        # arrayType
    ;
simpleType
    : DOUBLE PRECISION                                                                      # doubleType
    | (CHARACTER | CHAR) VARYING? typeModifiers?                                            # characterType
    | (TIME | TIMESTAMP) timeModifiers                                                      # timeType
    | INTERVAL intervalFields? (LPAREN INTEGER_CONSTANT RPAREN)?                            # intervalType
    | STRUCT LESS structField (COMMA structField)* GREATER                                  # structType
    | typeIdentifier (DOT label)* typeModifiers?                                            # namedType
    ;
typeIdentifier: IDENTIFIER | QUOTED_IDENTIFIER | nonReserved;
structField: label typeName;
typeModifiers: LPAREN signedNumber (COMMA signedNumber)* RPAREN;
timeModifiers: (LPAREN INTEGER_CONSTANT RPAREN)? ((WITH | WITHOUT) TIME ZONE)?;
intervalFields
    : YEAR (TO MONTH)?
    | MONTH
    | DAY (TO (HOUR | MINUTE | SECOND))?
    | HOUR (TO (MINUTE | SECOND))?
    | MINUTE (TO SECOND)?
    | SECOND (LPAREN INTEGER_CONSTANT RPAREN)?
    ;
signedNumber: (PLUS | MINUS)? (INTEGER_CONSTANT | DECIMAL_CONSTANT);
string: STRING | ESCAPED_STRING | UNICODE_STRING (UESCAPE STRING)? | DOLLAR_STRING;

// ---- names: PostgreSQL's four classes of keywords ------------------------------------------------------------------------------------

qualifiedName: name (DOT label)*;
functionName: (IDENTIFIER | QUOTED_IDENTIFIER | nonReserved) (DOT label)*;
nameList: LPAREN name (COMMA name)* RPAREN;
// Of tables and columns.
name: IDENTIFIER | QUOTED_IDENTIFIER | nonReserved | columnKeyword;
// After AS and after a dot any word will do.
label: IDENTIFIER | QUOTED_IDENTIFIER | nonReserved | columnKeyword | functionKeyword | reserved;
// An alias without AS: words that may come next in a clause are left out.
bareAlias: IDENTIFIER | QUOTED_IDENTIFIER | nonReservedAlias | columnKeyword;

// Names of anything.
nonReserved
    : nonReservedAlias
    | ASOF | AT | DAY | EMIT | ESCAPE | FILTER | HOUR | LATE | MINUTE | MONTH | OVER | SECOND | UNTIL | VARYING | WITHIN | WITHOUT | YEAR
    ;
nonReservedAlias
    : ABORT | ADD | AFTER | AGGREGATE | AHEAD | ALTER | ALWAYS | APPEND | ASM | BEGIN | BY | CALL | CANCEL | CASCADE | CHANGES
    | CLOSE | COLUMNS | COMMENT | COMMIT | CONFLICT | CONNECTION | COPY | CURRENT | CUTOVER | DATABASE | DATAFLOW
    | DEAD | DEALLOCATE | DECLARE | DELETE | DESCRIBE | DESCRIPTOR | DIFF | DISCARD | DOUBLE | DROP | EARLIEST | ENCODE
    | EPOCH | ERROR | EXCLUDE | EXECUTE | EXPLAIN | FAIL | FINAL | FIRST | FLUSH | FOLLOWING | FORMAT | FUNCTION | GAP | GENERATED
    | GROUPS | HEADER | IF | IGNORE | INCLUDE | INDEX | INSERT | JSON | KEY | KEYS | LANGUAGE | LAST | LATEST | LETTER
    | LLVM | LOCAL | LOG | LOGICAL | LOST | MATERIALIZED | MAX | MERGE | METADATA | NEXT | NO | NOTHING | NULLS
    | OBJECT | OF | OFFSETS | ORDINALITY | OTHERS | OVERWRITE | OWNER | PARTITION | PIPELINES | PRECEDING | PREPARE
    | RANGE | RECURSIVE | REFRESH | RENAME | REPLACE | REPLAY | RESET | RESPECT | RESTRICT | RETURN | RETURNS | REVOKE | ROLE
    | ROLLBACK | ROWS | SAVEPOINT | SCALAR | SCHEMA | SECRET | SEQUENCE | SET | SETS | SHOW | SINK | SKIP_ | SOURCE
    | START | STATEMENT | STDIN | STDOUT | STORED | SUBSCRIBE | SWAP | SYSTEM_TIME | TEMP | TEMPORARY | TIES | TRANSACTION
    | TRUNCATE | TYPE | UESCAPE | UNBOUNDED | UNKNOWN | UPDATE | USE | VACUUM | VALUE | VIEW | WATERMARK | WORK | ZONE
    ;
// Names of columns and tables, not of functions: each opens a construct of its own.
columnKeyword
    : BETWEEN | CHAR | CHARACTER | CUBE | CUMULATE | EXISTS | EXTRACT | GROUPING | HOP | INTERVAL | OVERLAY | POSITION | PRECISION | ROLLUP
    | ROW | SESSION | STRUCT | SUBSTRING | TIME | TIMESTAMP | TRIM | TRY_CAST | TUMBLE | VALUES
    ;
// Names of functions only.
functionKeyword: CROSS | FULL | ILIKE | INNER | IS | ISNULL | JOIN | LEFT | LIKE | NATURAL | NOTNULL | OUTER | OVERLAPS | RIGHT | SIMILAR | TABLESAMPLE;
// Names only in quotes.
reserved
    : ALL | ANALYSE | ANALYZE | AND | ANY | ARRAY | AS | ASC | ASYMMETRIC | BOTH | CASE | CAST | CHECK | COLLATE | COLUMN | CONSTRAINT | CREATE
    | CURRENT_CATALOG | CURRENT_DATE | CURRENT_ROLE | CURRENT_SCHEMA | CURRENT_TIME | CURRENT_TIMESTAMP | CURRENT_USER | DEFAULT
    | DEFERRABLE | DESC | DISTINCT | DO | ELSE | END | EXCEPT | FALSE | FETCH | FOR | FOREIGN | FROM | GRANT | GROUP | HAVING | IN
    | INITIALLY | INTERSECT | INTO | LATERAL | LEADING | LIMIT | LOCALTIME | LOCALTIMESTAMP | NOT | NULL_ | OFFSET | ON | ONLY | OR
    | ORDER | PLACING | PRIMARY | REFERENCES | RETURNING | SELECT | SESSION_USER | SOME | SYMMETRIC | TABLE | THEN | TO | TRAILING | TRUE
    | UNION | UNIQUE | USER | USING | VARIADIC | WHEN | WHERE | WINDOW | WITH
    ;
