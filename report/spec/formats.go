package spec

// The formats of reports.
const (
	CSV     = "csv"
	Parquet = "parquet"
	JSON    = "json"
)

// Formats lists the formats that reports can be written in: each report by itself, or one document of several; DetailFormats those
// of partitioned reports.
var (
	Formats       = []string{CSV, Parquet, JSON, HTML, XLSX}
	DetailFormats = []string{Parquet, CSV}
)

// FileFormats are those of Formats with one file for each report.
var FileFormats = []string{CSV, Parquet, JSON}

// The formats of documents: one file that shows several reports.
const (
	HTML = "html" // report.html: for a person, in a browser
	XLSX = "xlsx" // report.xlsx: for a spreadsheet
)

// DocumentFile is the name in the report folder of the file that a document is; empty for formats with one file for each report.
func DocumentFile(format string) string {
	if format == HTML || format == XLSX {
		return "report." + format
	}
	return ""
}
