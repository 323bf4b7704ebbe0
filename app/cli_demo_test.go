package app

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/packs/opal/synth"
)

func TestDemoEndsAfterTheProof(t *testing.T) {
	code, out, err := ficus(t, "demo", "--exit", "--patients", "41")
	for _, want := range []string{"1 dump", "2 plan", "3 move", "4 verify", "0 in quarantine", "0 differences", "5 certify", "signature checked"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if code != exitDone {
		t.Error(code, err)
	}
	if dir := regexp.MustCompile(`\S*ficus-demo-\d+`).FindString(out); dir == "" || exists(dir) {
		t.Errorf("the temporary folder %q is still there", dir)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestDemoMovesAGivenDump(t *testing.T) {
	dir := t.TempDir()
	code, out, err := ficus(t, "demo", "--exit", "--dir", dir, "--dump", synthetic(t, synth.Options{Patients: 5, Results: 3, Appointments: 2}))
	if code != exitDone || !strings.Contains(out, "0 differences") || !exists(filepath.Join(dir, "certificate.json")) {
		t.Error(code, out, err)
	}
	broken := filepath.Join(dir, "broken.sql")
	if err := os.WriteFile(broken, []byte("-- MySQL dump\nCREATE TABLE x (a int"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, err := ficus(t, "demo", "--exit", "--dump", broken); code != exitFailed || !strings.Contains(err, "line") {
		t.Error(code, err)
	}
}

// TestTheLinesThatDemoPrintsWork does what the printed curl lines do.
func TestTheLinesThatDemoPrintsWork(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // a test's
	ctx, stop := context.WithCancel(t.Context())
	out, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"demo", "--patients", "12", "--listen", taken.Addr().String()}, Streams{In: strings.NewReader(""), Out: w, Err: io.Discard})
		w.Close() //nolint:errcheck // never fails
	}()
	var printed []string
	said := false
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		said = said || strings.Contains(line, "is taken")
		if strings.HasPrefix(line, "curl ") {
			printed = append(printed, line)
		}
		if strings.HasPrefix(line, "Ctrl-C") {
			for _, line := range printed {
				try(t, line)
			}
			stop()
		}
	}
	stop()
	if code := <-ended; code != exitDone || len(printed) != 3 || !said {
		t.Errorf("exit %d after %d lines", code, len(printed))
	}
}

var curl = regexp.MustCompile(`^curl -s (?:-H '([^:]+): ([^']+)' )?'([^']+)'$`)

func try(t *testing.T, line string) {
	t.Helper()
	m := curl.FindStringSubmatch(line)
	if m == nil {
		t.Fatal(line)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m[3], nil)
	if err != nil {
		t.Fatal(err)
	}
	if m[1] != "" {
		req.Header.Set(m[1], m[2])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // a test's
	var found struct {
		ResourceType string
		Entry        []any
	}
	if err := json.NewDecoder(res.Body).Decode(&found); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", line, res.Status, err)
	}
	if found.ResourceType == "Bundle" && len(found.Entry) == 0 {
		t.Errorf("%s finds nothing", line)
	}
}
