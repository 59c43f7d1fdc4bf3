package logs

import (
	"bytes"
	"testing"
)

func TestCutPrefix(t *testing.T) {
	for _, tt := range []struct {
		line, rest, name, logger string
		times                    int
		record                   bool
	}{
		{line: "PUT /subscriptions/s HTTP/1.1", rest: "PUT /subscriptions/s HTTP/1.1"},
		{line: "TRACE /subscriptions/s HTTP/1.1", rest: "TRACE /subscriptions/s HTTP/1.1"},
		{line: "User-Agent: a | b", rest: "User-Agent: a | b"},
		{line: "Accept-Language               : en-US", rest: "Accept-Language               : en-US"},
		{line: "Date: Mon, 02 Mar 2026 10:00:01 GMT", rest: "Date: Mon, 02 Mar 2026 10:00:01 GMT"},
		{line: `10.1.2.3 - - [10/Mar/2026:13:55:36 -0700] "PUT /x HTTP/1.1" 201 5 "-" "a"`, rest: `10.1.2.3 - - [10/Mar/2026:13:55:36 -0700] "PUT /x HTTP/1.1" 201 5 "-" "a"`},
		{line: `["a"]`, rest: `["a"]`},
		{line: "[text](url) more", rest: "[text](url) more"},
		{line: "2026-03-02 ends", rest: "2026-03-02 ends"},
		{line: "2026-03-02T10:00:00Z 2026-03-02 10:00:00,100 cli.azure", rest: "cli.azure", times: 2},
		{line: "2026-03-02T10:00:00Z", rest: "", times: 1},
		{line: "2026/03/02 10:00:00 [DEBUG] AzureRM Request: ", rest: "AzureRM Request: ", times: 1, record: true},
		{line: "2026-03-02T10:00:00.000Z [DEBUG] provider.terraform-provider-azurerm_v4: AzureRM Request: ", rest: "AzureRM Request: ", times: 1, record: true, logger: "provider.terraform-provider-azurerm_v4"},
		{line: "2026-03-02 10:00:00 +0100 DEBUG: x", rest: "x", times: 1},
		{line: "16500 | 2026-03-02 10:00:00,123 | DEBUG | x", rest: "x", times: 1, name: "16500"},
		{line: "INFO:azure.core: x", rest: "azure.core: x"},
		{line: "Information: x", rest: "Information: x"},
	} {
		pre, rest := cutPrefix([]byte(tt.line))
		if string(rest) != tt.rest || string(pre.name) != tt.name || string(pre.logger) != tt.logger || pre.times != tt.times || pre.record != tt.record {
			t.Errorf("cutPrefix(%q) = %q, name %q, logger %q, %d times, record %v", tt.line, rest, pre.name, pre.logger, pre.times, pre.record)
		}
	}
}

// FuzzPrefix: no line makes it fail, and what is left is the end of the line.
func FuzzPrefix(f *testing.F) {
	for _, before := range []string{
		"", "2026-03-02T10:05:00.1234567Z ", "\ufeff2026-03-02T10:05:00.1234567Z ", "build (linux)\tDeploy it\t2026-03-02T10:05:00.1234567Z ", "2026-03-02T10:05:00.123456Z 01E ",
		"[2026-03-02T10:05:00.123Z] ", "10:05:00  ", "[    7.345678] ", "deploy-1  | ", "[CI/deploy]   | ", "#12 0.345 ", "##[debug]", "Mar  2 10:05:00 host program[123]: ", "[36m", "\x1b[36mINFO\x1b[0m ",
	} {
		f.Add([]byte(before + "cli.azure.cli.core.sdk.policies: Request method: 'PUT'"))
		f.Add([]byte(before + "2026-03-02T10:00:00.000Z [DEBUG] provider.terraform-provider-azurerm_v4: AzureRM Request: "))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		text, _ := plain(line, nil)
		if len(text) > len(line) {
			t.Fatalf("%q grew to %q", line, text)
		}
		pre, rest := cutPrefix(text)
		if !bytes.HasSuffix(text, rest) || pre.times > maxMarks || pre.timed && pre.times == 0 {
			t.Fatalf("%q: %+v, %q", text, pre, rest)
		}
	})
}
