package spark

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries/columnar"
)

// settings make a session compute as DuckDB does. Times have no zone, and dates before 1582 are what they say: Spark before 4 refuses to write
// the first day there is.
var settings = []string{
	"spark.sql.session.timeZone=UTC",
	"spark.sql.ansi.enabled=true",
	"spark.sql.timestampType=TIMESTAMP_NTZ",
	"spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS",
	"spark.sql.parquet.datetimeRebaseModeInRead=CORRECTED",
	"spark.sql.parquet.datetimeRebaseModeInWrite=CORRECTED",
	"spark.sql.parquet.compression.codec=zstd",
}

// smallSettings have one task do a statement on few rows: nothing is shuffled, planned again on the way or compiled, all of which takes Spark longer than
// the rows do. Not all versions know each, and a setting that is not known is only kept.
var smallSettings = []string{
	"spark.sql.shuffle.partitions=1",
	"spark.sql.adaptive.enabled=false",
	"spark.sql.autoBroadcastJoinThreshold=-1",
	"spark.sql.codegen.wholeStage=false",
	"spark.sql.codegen.factoryMode=NO_CODEGEN",
	"spark.sql.files.minPartitionNum=1",
	"spark.sql.files.openCostInBytes=65536",
	"spark.sql.sources.parallelPartitionDiscovery.threshold=256",
}

// literal writes a text as a literal: a backslash escapes, and two quotes side by side are none.
func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// cell writes a value of Values; one of another type is a mistake of the program and panics.
func cell(v any, t columnar.Type) string {
	text := ""
	switch v := v.(type) {
	case nil:
		text = "null"
	case string:
		text = literal(v)
	case bool:
		text = strconv.FormatBool(v)
	case int64:
		text = strconv.FormatInt(v, 10)
	case time.Time:
		text = literal(v.UTC().Format("2006-01-02 15:04:05.999999"))
	default:
		panic(fmt.Sprintf("spark: a %T cannot be a value of a table", v))
	}
	return "cast(" + text + " as " + t.SQL() + ")"
}

// values is the SELECT of rows that the program has.
func values(columns columnar.Schema, rows [][]any) string {
	cells := make([]string, len(columns))
	if len(rows) == 0 {
		for i, c := range columns {
			cells[i] = cell(nil, c.Type) + " as " + c.Name
		}
		return "select " + strings.Join(cells, ", ") + " where false"
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		for j, c := range columns {
			cells[j] = cell(row[j], c.Type)
		}
		lines[i] = "(" + strings.Join(cells, ", ") + ")"
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return "select * from values\n" + strings.Join(lines, ",\n") + "\nas v(" + strings.Join(names, ", ") + ")"
}

// view makes a view of a SELECT.
func view(name, selectText string) string {
	return "create or replace temporary view " + name + " as\n" + selectText
}

// files makes a view of the Parquet files below a folder, of which any may lack some of the columns. Were they not named, Spark would run a job to look
// for them.
func files(name, uri string, columns columnar.Schema) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = c.Name + " " + c.Type.SQL()
	}
	return "create or replace temporary view " + name + " (" + strings.Join(parts, ", ") + ")\nusing parquet options (path " + literal(uri) + ", recursiveFileLookup 'true')"
}

// inOneTask is the SELECT of a table whose rows one task reads, and what joins, sorts and adds them up with those of others that are read so stays in it.
func inOneTask(table string) string { return "select /*+ coalesce(1) */ * from " + table }

// write writes the rows of a SELECT to a folder of Parquet files.
func write(uri, selectText string) string {
	return "insert overwrite directory " + literal(uri) + " using parquet\n" + selectText
}
