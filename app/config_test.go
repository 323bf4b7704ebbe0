package app

import "testing"

// TestOwnBase: references to our own resources are known without any setting.
func TestOwnBase(t *testing.T) {
	for want, c := range map[string]Config{
		"http://127.0.0.1:8080/fhir":      {},
		"http://10.0.0.1:80/fhir":         {Address: Address{Listen: "10.0.0.1:80"}},
		"https://h:443/fhir":              {Address: Address{Listen: "h:443", TLSCert: "c.pem"}},
		"https://ficus.example.org/fhir":  {Address: Address{BaseURL: "https://ficus.example.org/fhir/", Listen: "h:1"}},
		"https://ficus.example.org/fhir2": {Address: Address{BaseURL: "https://ficus.example.org/fhir2"}},
	} {
		if got := c.ownBase(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
