package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

const samples = "../../../shared/samples/templates"

// sampleCase is a sample with the rules of its verdict in the samples' README, and those found besides.
type sampleCase struct {
	file    string
	as      string // the name that tells what the sample's own does not: the folder of a linked template
	product string
	channel string
	others  map[string][]string // products outside the samples that carry the id
	verdict string
	more    string // true as well, and not mentioned there
	errors  string // rules with a finding of severity error
}

var sampleCases = []sampleCase{
	{file: "Azure__AKS-Construction__SampleAppMain.json", verdict: "L10 L07", more: "L13", errors: "L07"},
	{file: "Azure__Avere__azuredeploy-auto.json", product: "avere", verdict: "L03"},
	{file: "Azure__Avere__storageaccount.azuredeploy.json", product: "avere", verdict: "L03", more: "L19 L20"},
	{file: "Azure__Avere__vmss.azuredeploy.json", product: "avere", verdict: "L03", more: "L19 L20"},
	{file: "Azure__Enterprise-Scale-for-AVS__CrossAVSGlobalReach.deploy.json", verdict: "L07 L08 L06", errors: "L07"},
	{file: "Azure__Enterprise-Scale-for-AVS__GreenFieldLiteDeploy.deploy.json", verdict: "L13 L08 L17", more: "L06"},
	{file: "Azure__Enterprise-Scale-for-AVS__PrivateCloud.deploy.json", verdict: "L15 L08 L04 L13", more: "L06", errors: "L15"},
	{file: "Azure__Enterprise-Scale__eslzArm.json", verdict: "L06 L08 L13 L15 L22", more: "L14 L17"},
	{file: "Azure__arm-ttk__azuredeploy.json", verdict: "L11", more: "L19", errors: "L11"},
	{file: "Azure__avdaccelerator__deploy-custom-image.json", verdict: "L06 L08 L13 L23", more: "L17"},
	{
		file: "Azure__azure-monitor-baseline-alerts__AVS-CPUCritical.json", verdict: "L06 L08 L13 L16",
		others: map[string][]string{"8bb7cf8a-bcf7-4264-abcb-703ace2fc84d": {"other alerts"}},
	},
	{file: "Azure__azure-monitor-baseline-alerts__alzArm.json", verdict: "L09 L12 L15 L13 L14 L22", more: "L06 L08 L17", errors: "L09 L12"},
	{file: "Azure__jenkins__fairfax.mainTemplate.json", verdict: "L02", more: "L19 L20"},
	{file: "Azure__jenkins__mainTemplate.json", verdict: "L02", more: "L19 L20"},
	{file: "CheckPointSW__CloudGuardIaaS__china-marketplace-ha.mainTemplate.json", verdict: "L03"},
	{file: "CheckPointSW__CloudGuardIaaS__deprecated-vmss-r7730.mainTemplate.json", verdict: "L02 L19 L20"},
	{file: "CheckPointSW__CloudGuardIaaS__marketplace-gwlb.mainTemplate.json", verdict: "L21", more: "L20"},
	{
		file: "CheckPointSW__CloudGuardIaaS__marketplace-ha.mainTemplate.json", verdict: "L03 L16",
		others: map[string][]string{"6f13b00a-7546-4ab2-be9f-c66815cc6c8b": {"management", "mds", "single", "vmss"}},
	},
	{
		file: "couchbase-partners__azure-resource-manager-couchbase__mainTemplate-byol_2019.json", channel: "marketplace", verdict: "L21 L16", more: "L19 L20",
		others: map[string][]string{"bac94ebc-cc78-4dbd-bc39-4b5433e1014c": {"simple"}},
	},
	{file: "fortinet__azure-templates__FortiAnalyzer-single.azuredeploy.json", product: "FortiAnalyzer", verdict: "L16", more: "L03"},
	{file: "fortinet__azure-templates__FortiGate-ZTNA.azuredeploy.json", verdict: "L03"},
	{file: "fortinet__azure-templates__FortiManager-single.azuredeploy.json", product: "FortiManager", verdict: "L16", more: "L03"},
	{file: "microsoft__finops-toolkit__finops-alerts-14.0.json", verdict: "L04 L08 L13"},
	{file: "microsoft__openshift-container-platform__azuredeploy.json", verdict: "L02 L19 L20", more: "L25"},
	{
		file: "oracle__weblogic-azure__wls-admin._dbTemplate.json", as: "nestedtemplates/_dbTemplate.json",
		verdict: "L07 L10 L15 L13", more: "L14 L22", errors: "L07",
	},
	{file: "sophos-iaas__xg-azure__mainTemplate.json", verdict: "L02", more: "L19 L20"},
}

func sample1(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(samples, file))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the sample %s is not here", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSamples(t *testing.T) {
	if list, err := filepath.Glob(filepath.Join(samples, "*.json")); err != nil || len(list) == 0 {
		t.Skip("no sample templates here")
	} else if len(list) != len(sampleCases) {
		t.Errorf("%d samples, but %d cases", len(list), len(sampleCases))
	}
	var files []File
	others := map[string][]string{}
	for _, c := range sampleCases {
		product := c.product
		if product == "" {
			product = c.file
		}
		files = append(files, File{Name: c.name(), Data: sample1(t, c.file), Product: product})
		for id, names := range c.others {
			others[id] = names
		}
	}
	byChannel := map[string][]Finding{} // with the other samples, as a run over a folder does it
	for i, c := range sampleCases {
		t.Run(c.file, func(t *testing.T) {
			found := byChannel[c.channel]
			if found == nil {
				var err error
				if found, err = CheckAll(files, Options{Channel: c.channel, Elsewhere: others}); err != nil {
					t.Fatal(err)
				}
				byChannel[c.channel] = found
			}
			var own, bad []Finding
			for _, f := range found {
				if f.File != files[i].Name {
					continue
				}
				own = append(own, f)
				if f.Severity == Error {
					bad = append(bad, f)
				}
			}
			want := append(strings.Fields(c.verdict), strings.Fields(c.more)...)
			slices.Sort(want)
			if got := idsIn(own); !slices.Equal(got, want) {
				t.Errorf("rules %v, want %v", got, want)
			}
			want = strings.Fields(c.errors)
			slices.Sort(want)
			if got := idsIn(bad); !slices.Equal(got, want) {
				t.Errorf("errors of %v, want %v", got, want)
			}
		})
	}
}

func (c sampleCase) name() string {
	if c.as != "" {
		return c.as
	}
	return c.file
}

// TestSampleNames compares names with what the samples' README says of them.
func TestSampleNames(t *testing.T) {
	names := namesIn(t, "alzArm.json", sample1(t, "Azure__azure-monitor-baseline-alerts__alzArm.json"))
	cut := "amba-alz-pid-RecoveryServices-b45e8b7b-e0a2-4af4-b3af-8b2af4020d"
	if !slices.ContainsFunc(names, func(n shownName) bool { return slices.Contains(n.Texts, cut) && n.Max == 64 }) {
		t.Errorf("%s not found", cut)
	}
	names = namesIn(t, "eslzArm.json", sample1(t, "Azure__Enterprise-Scale__eslzArm.json"))
	var ids []string
	for _, n := range names {
		ids = append(ids, n.IDs...)
	}
	if len(names) != 190 || len(ids) != 8 {
		t.Errorf("%d deployments with %d ids, want 190 with 8", len(names), len(ids))
	}
}

// TestTagSamples tags each sample, as it is when it has no id and else without its tracking deployments.
func TestTagSamples(t *testing.T) {
	tested := 0
	for _, c := range sampleCases {
		if c.as != "" {
			continue
		}
		data := sample1(t, c.file)
		data, removed := untag(t, data)
		if removed == 0 {
			tested++
		}
		for _, o := range []TagOptions{{ID: idA}, {ID: idA, PartnerCenter: true, OptOut: true}, {ID: "contoso-app-partnercenter", OptOutParameter: "telemetryOptOutOfContoso"}} {
			tagOne(t, c.file, data, o)
		}
	}
	if tested == 0 {
		t.Error("no sample without an id")
	}
}

// untag cuts the deployments with an id out of the outermost resources.
func untag(t *testing.T, data []byte) ([]byte, int) {
	t.Helper()
	for n := 0; ; n++ {
		_, err := Tag(data, TagOptions{ID: idA})
		var tagged *TaggedError
		if !errors.As(err, &tagged) {
			if err != nil {
				t.Fatal(err)
			}
			return data, n
		}
		doc, err := arm.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		list := doc.Root.Get("resources")
		for i, r := range list.Items {
			if !strings.HasPrefix(tagged.Path, r.Path()+".") {
				continue
			}
			from, to := r.Start, list.End-1
			if i+1 < len(list.Items) {
				to = list.Items[i+1].Start
			} else if i > 0 {
				from = list.Items[i-1].End
			}
			data = append(append([]byte{}, data[:from]...), data[to:]...)
		}
	}
}

func tagOne(t *testing.T, name string, data []byte, o TagOptions) {
	t.Helper()
	before, err := Check(name, data, Options{})
	if err != nil {
		t.Fatal(name, err)
	}
	out, err := Tag(data, o)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if !isSubsequence(data, out) {
		t.Errorf("%s: more than insertions", name)
	}
	if json.Valid(data) && !json.Valid(out) {
		t.Errorf("%s: no strict JSON any more", name)
	}
	if bytes.Contains(data, []byte("\r\n")) != bytes.Contains(out, []byte("\r\n")) {
		t.Errorf("%s: other line ends", name)
	}
	after, err := Check(name, out, Options{})
	if err != nil {
		t.Fatal(name, err)
	}
	if n, m := countErrors(before), countErrors(after); m > n {
		t.Errorf("%s: %d errors, %d before\n%v", name, m, n, after)
	}
	if !slices.ContainsFunc(after, func(f Finding) bool {
		return (f.Rule == "L02" || f.Rule == "L03") && f.Severity == OK && strings.HasPrefix(f.Path, "$.resources")
	}) &&
		!strings.Contains(name, "marketplace") {
		t.Errorf("%s: the id is not in order: %v", name, idsIn(after))
	}
	again, err := Tag(out, o)
	if !errors.Is(err, ErrAlreadyTagged) || !bytes.Equal(again, out) {
		t.Errorf("%s: tagged again: %v", name, err)
	}
	if _, err := Tag(out, TagOptions{ID: idB}); !errors.Is(err, ErrOtherID) {
		t.Errorf("%s: another id: %v", name, err)
	}
}

func countErrors(found []Finding) int {
	n := 0
	for _, f := range found {
		if f.Severity == Error && f.Rule != "L01" {
			n++
		}
	}
	return n
}

// isSubsequence reports whether b can be made of a by insertions.
func isSubsequence(a, b []byte) bool {
	for _, c := range b {
		if len(a) > 0 && a[0] == c {
			a = a[1:]
		}
	}
	return len(a) == 0
}
