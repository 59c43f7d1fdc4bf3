package notice

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// Every notice says what Microsoft's guide requires.
func TestSaysWhatIsRequired(t *testing.T) {
	for _, subject := range Subjects {
		for _, format := range Formats {
			text, err := Notice{Partner: "Contoso", Subject: subject, Language: "en", Privacy: "https://contoso.example/privacy", OptOut: "Set tracking to false."}.Write(format)
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
	n := Notice{Partner: `A<b> & "_C_"`, Subject: "template", Language: "en"}
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
	for _, n := range []Notice{{Subject: "letter", Language: "en"}, {Subject: "", Language: "en"}, {Subject: "api"}, {Subject: "api", Language: "xx"}} {
		if _, err := n.Write("text"); err == nil {
			t.Errorf("%+v was written", n)
		}
	}
	if _, err := n.Write("pdf"); err == nil {
		t.Error("pdf was written")
	}
}

// Every language has both subjects, with the same blocks and values as the English one.
func TestLanguages(t *testing.T) {
	if got := Languages(); !slices.Contains(got, "en") || !slices.Contains(got, "de") || !slices.IsSorted(got) {
		t.Fatal(got)
	}
	shape := func(language, subject string, n Notice) (out []string) {
		t.Helper()
		n.Partner, n.Language, n.Subject = "Contoso", language, subject
		blocks, err := n.blocks()
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			names := placeholder.FindAllString(b.text, -1)
			slices.Sort(names)
			out = append(out, b.mark+strings.Join(slices.Compact(names), ""))
		}
		return out
	}
	for _, language := range Languages() {
		for _, subject := range Subjects {
			for _, n := range []Notice{{}, {Privacy: "https://contoso.example"}, {OptOut: "x"}} {
				if want, got := shape("en", subject, n), shape(language, subject, n); !slices.Equal(want, got) {
					t.Errorf("%s, %s: %q, English has %q", language, subject, got, want)
				}
			}
		}
	}
	text, err := Notice{Partner: "Contoso", Subject: "api", Language: "de"}.Write("text")
	if err != nil || !strings.Contains(text, "So widersprechen Sie: Wenden Sie sich") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestOwnText(t *testing.T) {
	n := Notice{Partner: "Contoso", Privacy: "https://contoso.example/p", Text: "\ufeff# Hello\r\n\r\n{partner} & you,\r\nas ever.\r\n \t\r\n\r\n- {privacy}\r\n\r\n! ask\r\n\r\ntry {optout}\r\n"}
	text, err := n.Write("markdown")
	if want := "# Hello\n\nContoso \\& you, as ever.\n\n- <https://contoso.example/p>\n\nask\n"; err != nil || text != want {
		t.Errorf("%v\n%q\n%q", err, text, want)
	}
	n.OptOut = "this"
	if text, err = n.Write("text"); err != nil || !strings.HasSuffix(text, "\n\ntry this\n") || strings.Contains(text, "ask") {
		t.Errorf("%v\n%s", err, text)
	}
	n.Text = "Dear {customer}"
	if _, err := n.Write("text"); !errors.Is(err, ErrPlaceholder) || !strings.Contains(err.Error(), "{customer}; there are {partner}") {
		t.Error(err)
	}
}
