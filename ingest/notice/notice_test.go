package notice

import (
	"strings"
	"testing"
)

// Every notice says what Microsoft's guide requires.
func TestSaysWhatIsRequired(t *testing.T) {
	for _, subject := range Subjects {
		for _, format := range Formats {
			text, err := Notice{Partner: "Contoso", Subject: subject, Privacy: "https://contoso.example/privacy", OptOut: "Set tracking to false."}.Write(format)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"can tell its installation", "find the", "What: ", "By whom: Microsoft", "Why: ", microsoftPolicy, "https://contoso.example/privacy",
				"How to opt out: Set tracking to false."} {
				if !strings.Contains(text, want) {
					t.Errorf("%s as %s does not say %q:\n%s", subject, format, want, text)
				}
			}
			if strings.ContainsAny(text, "{}") {
				t.Errorf("%s as %s has a placeholder:\n%s", subject, format, text)
			}
		}
	}
}

func TestForms(t *testing.T) {
	n := Notice{Partner: `A<b> & "_C_"`, Subject: "template"}
	for format, want := range map[string][]string{
		"text":     {"How A<b> & \"_C_\" sees", "\n\n- What: ", "\n- By whom: "},
		"markdown": {`# How A\<b\> \& "\_C\_" sees`, "\n\n- What: ", "policies: <https://www.microsoft.com/trustcenter>"},
		"html":     {"<h1>How A&lt;b&gt; &amp; &#34;_C_&#34; sees", "<ul>\n<li>What: ", "</li>\n</ul>\n<p>How to opt out: ask A&lt;b&gt;", `<a href="https://www.microsoft.com/trustcenter">`},
	} {
		text, err := n.Write(format)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s has no %q:\n%s", format, w, text)
			}
		}
		if strings.Contains(text, "in its privacy policy") {
			t.Errorf("%s names a policy of the partner that was not given", format)
		}
	}
	for _, n := range []Notice{{Subject: "letter"}, {Subject: ""}} {
		if _, err := n.Write("text"); err == nil {
			t.Errorf("%+v was written", n)
		}
	}
	if _, err := n.Write("pdf"); err == nil {
		t.Error("pdf was written")
	}
}
