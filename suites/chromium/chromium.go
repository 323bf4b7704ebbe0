package chromium

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/ficushealth/ficus/suites"
)

// patience is how long a page may take on a busy machine.
const patience = time.Minute

// Tab is one tab of a browser.
type Tab struct {
	t       testing.TB
	in      io.Writer
	out     chan message
	session string
	last    int
}

// message is one of the DevTools protocol, in either direction.
type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// Open starts a browser with one tab, which ends with the test.
func Open(t testing.TB) *Tab {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		suites.Missing(t, "a browser (package chromium)")
	}
	b := &Tab{t: t, out: make(chan message, 100)}
	b.start(program)
	var made struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &made)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.call("Page.enable", nil, nil)
	return b
}

// start runs the browser, which reads what it is to do from its third file and answers to the fourth.
func (b *Tab) start(program string) {
	b.t.Helper()
	dir, err := os.MkdirTemp("", "ficus-chromium-")
	if err != nil {
		b.t.Fatal(err)
	}
	theirIn, in := pipe(b.t)
	out, theirOut := pipe(b.t)
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
		"--hide-scrollbars", "--ignore-certificate-errors", "--user-data-dir="+dir, "--remote-debugging-pipe", "about:blank")
	cmd.Env = append(os.Environ(), "TMPDIR="+dir) // what it leaves behind goes with the profile
	cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.in = in
	b.t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) //nolint:errcheck // it may have ended
		cmd.Wait()                                      //nolint:errcheck // it was killed
		remove(b.t, dir)
	})
	for _, f := range []*os.File{theirIn, theirOut} {
		f.Close() //nolint:errcheck // the browser has them
	}
	go b.listen(out)
}

// remove removes the profile, into which parts of the browser may still write for a moment.
func remove(t testing.TB, dir string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := os.RemoveAll(dir)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func pipe(t testing.TB) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

func (b *Tab) listen(out io.Reader) {
	defer close(b.out)
	for r := bufio.NewReader(out); ; {
		text, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(text[:len(text)-1], &m) == nil && m.ID > 0 { // the rest are events, for which nobody waits
			b.out <- m
		}
	}
}

// call asks the browser for something, and waits for the answer.
func (b *Tab) call(method string, params, result any) {
	b.t.Helper()
	b.last++
	text, err := json.Marshal(message{ID: b.last, Session: b.session, Method: method, Params: params})
	if err == nil {
		_, err = b.in.Write(append(text, 0))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	for late := time.After(patience); ; {
		select {
		case m, running := <-b.out:
			switch {
			case !running:
				b.t.Fatal("the browser has ended")
			case m.ID != b.last:
				continue
			case m.Error != nil:
				b.t.Fatalf("%s: %s", method, m.Error.Message)
			case result != nil:
				if err := json.Unmarshal(m.Result, result); err != nil {
					b.t.Fatal(err)
				}
			}
			return
		case <-late:
			b.t.Fatalf("%s: the browser does not answer", method)
		}
	}
}

// Go opens an address and waits until what is there was read.
func (b *Tab) Go(address string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": address}, nil)
	b.Wait("document.readyState == 'complete' && location.href != 'about:blank'")
}

// Run is the value of a piece of JavaScript as text. It is run by the browser, which no policy of the page forbids.
func (b *Tab) Run(script string) string {
	b.t.Helper()
	var said struct {
		Result struct{ Value any }
		Thrown *struct {
			Exception struct{ Description string }
		} `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true}, &said)
	if said.Thrown != nil {
		b.t.Fatalf("%s: %s", script, said.Thrown.Exception.Description)
	}
	return fmt.Sprint(said.Result.Value)
}

// Wait waits until a condition in JavaScript is true.
func (b *Tab) Wait(condition string) {
	b.t.Helper()
	for end := time.Now().Add(patience); b.Run("!!("+condition+")") != "true"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("%s did not come true at %s: %s", condition, b.Run("location.href"), b.Run("document.body.innerText"))
		}
	}
}

// Window sets the size of the window in pixels, and whether dark colours are preferred.
func (b *Tab) Window(width, height int, dark bool) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Cookie is one that the browser keeps.
type Cookie struct {
	Name             string
	Secure, HTTPOnly bool
	SameSite         string
}

// Cookies lists what is kept for the page that is shown.
func (b *Tab) Cookies() []Cookie {
	b.t.Helper()
	var kept struct{ Cookies []Cookie }
	b.call("Network.getCookies", nil, &kept)
	return kept.Cookies
}

// Picture writes what is to be seen, as PNG.
func (b *Tab) Picture(path string) {
	b.t.Helper()
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
