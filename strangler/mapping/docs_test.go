package mapping

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// TestTheExampleOfTheDocumentWorks takes the pack out of docs/mapping.md: each code block names its file in its first line.
func TestTheExampleOfTheDocumentWorks(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "mapping.md"))
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, block := range regexp.MustCompile("(?s)```(?:yaml|csv)\n# (\\S+)\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		files[block[1]] = &fstest.MapFile{Data: []byte(block[2])}
	}
	p, err := Load(files, "clinic")
	if err != nil {
		t.Fatal(err)
	}
	golden, err := Examples(files, "clinic/golden")
	if err != nil || len(golden) == 0 {
		t.Fatalf("%d golden rows, %v", len(golden), err)
	}
	for _, g := range golden {
		if wrong, err := g.Try(p); err != nil || wrong != "" {
			t.Errorf("%s: %s (%v)", g.Name, wrong, err)
		}
	}
}

// TestTheDocumentNamesEverything looks for each word of the language on the page.
func TestTheDocumentNamesEverything(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "mapping.md"))
	if err != nil {
		t.Fatal(err)
	}
	words := append(ruleKeys(), "cases", "none", "targets", "slices", "filter", "proof", "lookups", "children", "one", "equal", "always", "slot", "alike",
		"e164", "national", "age", "dateOf", "isNumber", "isQuantity", "term")
	for _, w := range append(words, reasons()...) {
		if !regexp.MustCompile("[^a-zA-Z]" + w + "[^a-zA-Z]").Match(page) {
			t.Errorf("docs/mapping.md does not name %s", w)
		}
	}
	if strings.Contains(string(page), "TODO") {
		t.Error("the page is not finished")
	}
}
