package sarif

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	var b bytes.Buffer
	rules := []Rule{{"A", "a title", "help", Warning}, {"B", "b title", "help", Error}}
	err := Write(&b, "1.2.3", rules, []Result{
		{Rule: "B", Level: Error, Message: "<bad>", File: "a b.csv", Line: 3, Fingerprint: "B:x"},
		{Rule: "A", Level: None, Message: "good", File: "a.csv", Path: "$.x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				RuleIndex   int
				Kind, Level string
				Message     struct{ Text string }
				Locations   []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           map[string]int
					}
					LogicalLocations []struct{ FullyQualifiedName string }
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	bad, good := log.Runs[0].Results[0], log.Runs[0].Results[1]
	place := bad.Locations[0].PhysicalLocation
	if bad.RuleIndex != 1 || bad.Kind != "fail" || bad.Message.Text != "<bad>" || place.ArtifactLocation.URI != "a%20b.csv" || len(place.Region) != 1 || place.Region["startLine"] != 3 {
		t.Errorf("%+v", bad)
	}
	if good.RuleIndex != 0 || good.Kind != "pass" || good.Locations[0].PhysicalLocation.Region != nil || good.Locations[0].LogicalLocations[0].FullyQualifiedName != "$.x" {
		t.Errorf("%+v", good)
	}
	if err := Write(&b, "", nil, nil); err != nil || !strings.Contains(b.String(), `"results": []`) {
		t.Errorf("no results: %v\n%s", err, &b)
	}
}

func TestFileURI(t *testing.T) {
	for name, want := range map[string]string{"/a b.json": "file:///a%20b.json", `C:\a\b.json`: "file:///C:/a/b.json", "p.zip!m.json": "p.zip%21m.json"} {
		if got := FileURI(name); got != want && got != strings.ReplaceAll(want, "%21", "!") {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
