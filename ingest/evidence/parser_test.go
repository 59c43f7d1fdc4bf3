package evidence

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/source"
)

// TestEveryRecordIsAccountedFor: kinds and rejects add up to the records, and kinds have public names.
func TestEveryRecordIsAccountedFor(t *testing.T) {
	for _, name := range fixtures(t) {
		tally := readFile(t, filepath.Join(fixtureDir, name), fixtureOptions(name)).tally
		for k := range tally.Kinds {
			if k == kindNames[kindReject] || !slices.Contains(kindNames[:], k) {
				t.Errorf("%s: kind %q has no public name", name, k)
			}
		}
	}
	_, tally := parse(t, `{"value":[{"a":1},[{"b":2},{"records":[]}],3,"x",null,"[{\"c\":1}]"]}`, Options{})
	if tally.Kinds["unknown"] != 6 || tally.Records() != 6 {
		t.Errorf("tally = %+v, want 6 unknown", tally)
	}
}

// TestOneEventManyExports: an event without an id has the same key in all exports that keep the same facts.
func TestOneEventManyExports(t *testing.T) {
	const record = `{"time":"%s","resourceId":"%s","operationName":"%s","category":"Administrative","resultType":"%s","resultSignature":"Succeeded.Created","correlationId":"%s"}`
	a := fmt.Sprintf(record, "2026-03-05T10:16:32.9873441Z", "/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG", "MICROSOFT.RESOURCES/SUBSCRIPTIONS/RESOURCEGROUPS/WRITE", "Success", "ABC")
	b := fmt.Sprintf(record, "2026-03-05T11:16:32.987344+01:00", "subscriptions/s/resourceGroups/rg/", "Microsoft.Resources/subscriptions/resourceGroups/write", "Succeeded", "abc")
	key := func(text string) string {
		rows, tally := parse(t, text, Options{})
		if tally.Kinds["activity.write"] != 1 {
			t.Fatalf("tally %v of %s", tally, text)
		}
		_, rest, _ := strings.Cut(rows, "dedupe_key=")
		key, _, _ := strings.Cut(rest, "\n")
		return key
	}
	if key(a) != key(b) || len(key(a)) != 64 {
		t.Errorf("keys %s and %s", key(a), key(b))
	}
	for _, other := range []string{strings.Replace(a, "Created", "OK", 1), strings.Replace(a, "ABC", "ABD", 1), strings.Replace(a, "Success", "Failed", 1), strings.Replace(a, "32.9873441", "33", 1)} {
		if key(other) == key(a) {
			t.Errorf("another event has the same key: %s", other)
		}
	}
}

func TestColumnMapping(t *testing.T) {
	for _, columns := range []map[string]string{{"url": "u"}, {"method": "m"}, {"method": "m", "url": "u", "colour": "c"}, {"method": "m", "url": " "}} {
		if _, err := NewParser(Options{Columns: columns}); err == nil {
			t.Errorf("columns %v are accepted", columns)
		}
	}
	p, err := NewParser(Options{Columns: map[string]string{"method": "M", "url": "U"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Header([]string{"m", "x"}); err == nil || !strings.Contains(err.Error(), `url is mapped to "U"`) {
		t.Errorf("a missing column: %v", err)
	}
	h, err := p.Header([]string{"m", "u"})
	if err != nil || h.Shape().Name != "ua.mapped" {
		t.Errorf("header: %v, %v", h, err)
	}
}

func TestHeaderNames(t *testing.T) {
	for header, want := range map[string]string{
		"TenantId,OperationNameValue,TimeGenerated [UTC]": "activity.loganalytics",
		"Correlation id,Operation name,Status,Event category,Level,Time,Subscription,Event initiated by,Resource type,Resource group,Resource": "activity.portalcsv",
		"time,method,url,status,userAgent,correlationId":     "ua.jsonl",
		"time,method,url,status,user_agent,correlation_id":   "ua.jsonl",
		"time,method,resourceId,status,userAgent":            "ua.jsonl",
		"UsageDate,ResourceId,CostInBillingCurrency":         "",
		"tracking_id,mpn_id,offer,sku,channel,description":   "",
		"scope,reason,since":                                 "",
		"subscription_id,customer_tenant_id,customer_name":   "",
		"InvoiceId,BillingAccountId,properties,resourceName": "",
	} {
		if got, _, ok := DetectHeader(strings.Split(header, ",")); got != want || ok != (want != "") {
			t.Errorf("DetectHeader(%s) = %q, want %q", header, got, want)
		}
	}
	p, err := NewParser(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Header([]string{"a", "b"}); err == nil || !strings.Contains(err.Error(), "format: requests") {
		t.Errorf("an unknown header must tell the way out: %v", err)
	}
}

func TestUnknownText(t *testing.T) {
	for _, text := range []string{"", "hello", "# A README\n\nGET /x to see it\nUser-Agent: nobody\n", "a,b,c\n1,2,3\n", "PUT /subscriptions/x HTTP/1.1\n"} {
		if shape, _, ok := DetectText([]byte(text)); ok {
			t.Errorf("DetectText(%q) = %s", text, shape)
		}
	}
}

// TestUserAgentOrder checks the order of the reference (4): the first place that is not empty wins.
func TestUserAgentOrder(t *testing.T) {
	const head = `{"time":"2026-03-05T10:16:32Z","method":"PUT","url":"/subscriptions/s/resourceGroups/rg",`
	for body, want := range map[string]string{
		`"requestHeaders":{"user-agent":"a"},"userAgent":"b"}`:                                           "a",
		`"requestHeaders":{"User-Agent":["a","x"]},"headers":{"User-Agent":"b"}}`:                        "a",
		`"requestHeaders":{"User-Agent":""},"headers":{"User-Agent":"b"},"userAgent":"c"}`:               "b",
		`"properties":{"requestHeaders":{"User-Agent":"a"},"backendRequestHeaders":{"User-Agent":"b"}}}`: "a",
		`"properties":"{\"backendRequestHeaders\":{\"User-Agent\":\"b\"},\"userAgent\":\"c\"}"}`:         "b",
		`"httpRequest":{"headers":[{"name":"User-Agent","value":"a"}]},"user_agent":"b"}`:                "a",
		`"properties":{"userAgent":"a","userAgentHeader":"b","clientInfo":"c"},"UserAgent":"d"}`:         "a",
		`"properties":{"clientInfo":"c"},"UserAgent":"d"}`:                                               "c",
		`"http_user_agent":"a","userAgent_s":"b"}`:                                                       "a",
		`"cs(User-Agent)":"a","headers":{"x-ms-useragent":"b"}}`:                                         "a",
		`"headers":{"X-MS-UserAgent":"b"}}`:                                                              "b",
	} {
		rows, _ := parse(t, head+body, Options{})
		if !strings.Contains(rows, "user_agent="+want+"\n") {
			t.Errorf("%s: want user agent %s in\n%s", body, want, rows)
		}
	}
}

// TestNamesAreBounded: names of free maps are not remembered without end.
func TestNamesAreBounded(t *testing.T) {
	p, err := NewParser(Options{})
	if err != nil {
		t.Fatal(err)
	}
	sink := NewSink()
	for i := range 3 * maxNames {
		v := fastjson.MustParse(fmt.Sprintf(`{"k%d":1,"operationName":{"value":"a/read"},"eventTimestamp":"2026-03-05T10:16:32Z"}`, i))
		p.Record(v, int64(i), sink)
	}
	if n := len(p.rec.known[0].list); n > maxNames {
		t.Errorf("%d names are kept", n)
	}
	if got := p.Tally().Kinds["activity.read"]; got != 3*maxNames {
		t.Errorf("%d reads", got)
	}
}

func TestDamagedValues(t *testing.T) {
	p, err := NewParser(Options{})
	if err != nil {
		t.Fatal(err)
	}
	sink := NewSink()
	p.Value(source.Value{Record: 7, Line: 9, Damaged: &source.DamagedError{Record: 7, Line: 9, Reason: "the line ends inside a value"}}, sink)
	p.Value(source.Value{Record: 8, Line: 10, Bytes: []byte(`{"a":` + strings.Repeat("x", 1000)), Unterminated: true}, sink)
	tally := p.Tally()
	if len(tally.Rejects) != 2 || tally.Rejects[0].Line != 9 || !strings.Contains(tally.Rejects[1].Reason, "while it was being written") || len(tally.Rejects[1].Reason) > 400 {
		t.Errorf("rejects %+v", tally.Rejects)
	}
	if len(p.Tally().Rejects) != 0 {
		t.Error("Tally does not start over")
	}
}
