package ficus_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/suites"
)

// TestFixturesAreMadeUp lets no address in the repository lead to a person: mail goes to reserved
// domains (RFC 2606) or to our own.
func TestFixturesAreMadeUp(t *testing.T) {
	mail := regexp.MustCompile(`[\w.+-]+@([\w-]+(\.[\w-]+)*\.[a-z]{2,})`)
	reserved := regexp.MustCompile(`(^|\.)example\.(com|org|net|test)$|\.(example|invalid|test)$|^ficus\.health$`)
	for path, text := range textFiles(t) {
		for n, line := range strings.Split(text, "\n") {
			for _, m := range mail.FindAllStringSubmatch(line, -1) {
				if !reserved.MatchString(m[1]) {
					t.Errorf("%s:%d: an address at %s: use example.org", path, n+1, m[1])
				}
			}
		}
	}
}

// TestNothingIsCopiedFromTheDump looks for texts of the AGPL dump, which is test input only, in every file of ours.
func TestNothingIsCopiedFromTheDump(t *testing.T) {
	foreign := longTexts(t, suites.Path(t, "legacy-opaldb", "opal-legacy-omi-test.sql.gz"))
	word := regexp.MustCompile(`[^'"` + "`" + `\n]{40,}`)
	if len(foreign) < 100 {
		t.Fatalf("the dump holds %d long texts only", len(foreign))
	}
	for path, text := range textFiles(t) {
		for _, found := range word.FindAllString(text, -1) {
			if foreign[strings.TrimSpace(found)] {
				t.Errorf("%s holds a text of the dump, which begins %.20q", path, found)
			}
		}
	}
}

// longTexts are the string literals of a dump that are long enough to be somebody's own words or values.
func longTexts(t *testing.T, path string) map[string]bool {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`'([^'\\]{40,})'`)
	all := map[string]bool{}
	in := bufio.NewReaderSize(z, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		for _, m := range literal.FindAllSubmatch(line, -1) {
			all[string(bytes.TrimSpace(m[1]))] = true
		}
		if err != nil {
			return all
		}
	}
}
