package app

import (
	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestConversations plays the files of testdata/*.txtar against a whole server, on both
// databases. The members of a file are in pairs. The first is a request: method and
// address, headers, an empty line, the body. The second is its answer: the status, then
// headers in which * stands for anything and {name} for a word that is kept and can be
// used from then on, then lines that the body must have somewhere, or with ! must not.
func TestConversations(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			a := opened(t, Config{Database: Database{DB: url(t)}})
			files, err := filepath.Glob("testdata/*.txtar")
			if err != nil || len(files) == 0 {
				t.Fatal(files, err)
			}
			for _, file := range files {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { play(t, a, file) })
			}
		})
	}
}

// opened is an App of a test's own, with its key beside the test's other files.
func opened(t *testing.T, c Config) *App {
	t.Helper()
	c.KeyFile = filepath.Join(t.TempDir(), "key")
	a, err := Open(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func play(t *testing.T, a *App, file string) {
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	parts := members(t, file)
	words := map[string]string{"base": server.URL + "/fhir", "all": token(t, a, "system/*.cruds"), "read": token(t, a, "system/*.rs"), "patient": token(t, a, "system/Patient.cruds")}
	for i := 0; i+1 < len(parts); i += 2 {
		said, heard := parts[i], parts[i+1]
		res, body := say(t, server.URL, fill(said.text, words))
		for _, wrong := range compare(fill(heard.text, words), res, body, words) {
			t.Errorf("%s: %s %s: %s\n%s", file, said.name, heard.name, wrong, body)
		}
		if t.Failed() {
			return
		}
	}
}

// member is a part of a txtar archive: a line "-- name --" and what follows it.
type member struct{ name, text string }

func members(t *testing.T, file string) (list []member) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, isHead := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		switch {
		case isHead:
			list = append(list, member{name: strings.TrimSuffix(name, " --")})
		case len(list) > 0:
			list[len(list)-1].text += line
		}
	}
	return list
}

func fill(text string, words map[string]string) string {
	for name, value := range words {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// say sends a request that is written down: method and address, headers, an empty line, the body.
func say(t *testing.T, url, text string) (*http.Response, string) {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	method, address, _ := strings.Cut(lines[0], " ")
	r, err := http.NewRequest(method, url+address, strings.NewReader(strings.TrimSpace(body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	return read(t, r)
}

// read sends a request and reads all of its answer.
func read(t *testing.T, r *http.Request) (*http.Response, string) {
	t.Helper()
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // a test's
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(answer)
}

// compare lists what is not as expected, and keeps the words that the headers give.
func compare(want string, res *http.Response, body string, words map[string]string) (wrong []string) {
	lines := strings.Split(strings.TrimSpace(want), "\n")
	if status, _ := strconv.Atoi(lines[0]); status != res.StatusCode {
		return []string{"the status is " + res.Status + ", not " + lines[0]}
	}
	header := regexp.MustCompile(`^([A-Z][A-Za-z-]*): (.*)$`)
	for _, line := range lines[1:] {
		if m := header.FindStringSubmatch(line); m != nil {
			if got := res.Header.Get(m[1]); !match(m[2], got, words) {
				wrong = append(wrong, m[1]+" is "+got+", not "+m[2])
			}
			continue
		}
		text, absent := strings.CutPrefix(line, "!")
		if strings.Contains(body, text) == absent {
			wrong = append(wrong, "the body fails at "+line)
		}
	}
	return wrong
}

func match(pattern, got string, words map[string]string) bool {
	p := regexp.QuoteMeta(pattern)
	p = regexp.MustCompile(`\\\{(\w+)\\\}`).ReplaceAllString(p, `(?P<$1>[^/]+)`)
	re := regexp.MustCompile("^" + strings.ReplaceAll(p, `\*`, ".*") + "$")
	m := re.FindStringSubmatch(got)
	for i, name := range re.SubexpNames() {
		if m != nil && name != "" {
			words[name] = m[i]
		}
	}
	return m != nil
}

// token makes a token with these scopes.
func token(t *testing.T, a *App, scopes string) string {
	t.Helper()
	_, text, err := a.Accounts.Issue(t.Context(), everything(), accounts.Order{Name: "test", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// everything is a principal that may do all.
func everything() access.Principal { return access.Inside(accounts.First, "test") }
