package signin

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
)

func TestWhichAddressesArePublic(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "2606:2800:220:1::1": true,
		"127.0.0.1": false, "127.1.2.3": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.0.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "192.0.2.1": false, "198.18.0.1": false, "::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:db8::1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// TestNothingInsideIsRead by whatever name it is called.
func TestNothingInsideIsRead(t *testing.T) {
	asked := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	trusting := func(f *fetcher) *fetcher { // so that it is the address for which they are refused
		f.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
		return f
	}
	if _, err := trusting(newFetcher(func(netip.Addr) bool { return true })).fetch(t.Context(), server.URL); err != nil || asked != 1 {
		t.Fatal(err, asked)
	}
	asked = 0
	f := trusting(newFetcher(public))
	for _, address := range []string{
		server.URL, "https://localhost" + port, "https://127.1" + port, "https://[::1]" + port, "https://[::ffff:127.0.0.1]" + port, "https://0x7f000001" + port, "https://2130706433" + port,
		"https://169.254.169.254/latest", "http://93.184.216.34/", "file:///etc/passwd", "https://u:p@93.184.216.34/", "gopher://x/", "", "://",
	} {
		if body, err := f.fetch(t.Context(), address); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %q %v", address, body, err)
		}
	}
	if asked != 0 {
		t.Error("the server inside was asked")
	}
}

// TestWhatIsFetchedIsBounded in size and time, and leads nowhere else.
func TestWhatIsFetchedIsBounded(t *testing.T) {
	var h http.HandlerFunc
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(w, r) }))
	defer server.Close()
	f := newFetcher(func(netip.Addr) bool { return true })
	f.client.Transport.(*http.Transport).TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	f.client.Timeout = time.Second
	for name, x := range map[string]struct {
		h    http.HandlerFunc
		want string
	}{
		"an answer":   {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("{}")) }, "{}"},
		"too much":    {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(strings.Repeat("x", fetchSize+1))) }, ""},
		"just enough": {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, fetchSize)) }, string(make([]byte, fetchSize))},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "" || r.URL.Path == "/" {
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
				return
			}
			w.Write([]byte("{}")) //nolint:errcheck // it is not to come to that
		}, ""},
		"an error":   {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "{}", http.StatusNotFound) }, ""},
		"a slow one": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, ""},
		"a slow drips": {func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		}, ""},
		"large heads": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Large", strings.Repeat("x", 2*fetchSize))
		}, ""},
	} {
		h = x.h
		body, err := f.fetch(t.Context(), server.URL)
		if string(body) != x.want || (err == nil) != (x.want != "") {
			t.Errorf("%s: %d bytes, %v", name, len(body), err)
		}
	}
}
