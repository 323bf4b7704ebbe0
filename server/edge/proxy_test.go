package edge

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

func networks(t *testing.T, texts ...string) (all []Network) {
	t.Helper()
	for _, text := range texts {
		var n Network
		if err := n.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

// TestOnlyOurProxiesAreBelieved from where a request comes.
func TestOnlyOurProxiesAreBelieved(t *testing.T) {
	var got string
	h := wrapped(t, Options{Proxies: networks(t, "10.0.0.0/24", "192.0.2.1", "fd00::/8"), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })})
	for name, x := range map[string]struct {
		from string
		said []string
		want string
	}{
		"directly":                     {"198.51.100.7:4711", nil, "198.51.100.7:4711"},
		"who is no proxy":              {"198.51.100.7:4711", []string{"203.0.113.9"}, "198.51.100.7:4711"},
		"one proxy":                    {"10.0.0.7:4711", []string{"203.0.113.9"}, "203.0.113.9:0"},
		"two":                          {"192.0.2.1:4711", []string{"203.0.113.9, 10.0.0.7"}, "203.0.113.9:0"},
		"two headers":                  {"192.0.2.1:4711", []string{"203.0.113.9", "10.0.0.7"}, "203.0.113.9:0"},
		"made up before":               {"10.0.0.7:4711", []string{"127.0.0.1, 10.0.0.3, 203.0.113.9"}, "203.0.113.9:0"},
		"nothing said":                 {"10.0.0.7:4711", nil, "10.0.0.7:0"},
		"no address":                   {"10.0.0.7:4711", []string{"unknown"}, "10.0.0.7:0"},
		"a word before a proxy":        {"10.0.0.7:4711", []string{"evil, 10.0.0.8"}, "10.0.0.8:0"},
		"all are proxies":              {"10.0.0.7:4711", []string{"10.0.0.9, 10.0.0.8"}, "10.0.0.9:0"},
		"by IPv6":                      {"[fd00::1]:4711", []string{"2001:db8::1"}, "[2001:db8::1]:0"},
		"by IPv4 inside of IPv6":       {"[::ffff:10.0.0.7]:4711", []string{"::ffff:203.0.113.9"}, "203.0.113.9:0"},
		"an address with a port":       {"10.0.0.7:4711", []string{"203.0.113.9:80"}, "10.0.0.7:0"},
		"a proxy of another network":   {"10.0.1.7:4711", []string{"203.0.113.9"}, "10.0.1.7:4711"},
		"the network of a single host": {"192.0.2.2:4711", []string{"203.0.113.9"}, "192.0.2.2:4711"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = x.from, x.said
		if h.ServeHTTP(httptest.NewRecorder(), r); got != x.want {
			t.Errorf("%s: %s, want %s", name, got, x.want)
		}
	}
	for _, text := range []string{"", "x", "10.0.0.0/33", "10.0.0"} {
		var n Network
		if err := n.UnmarshalText([]byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v %v", text, n, err)
		}
	}
}
