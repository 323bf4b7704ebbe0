package edge

import "net/http"

// headers are what every answer says to browsers, unless the handler says otherwise: it is data, which is neither run, nor framed,
// guessed at, kept, nor told to others by its address. What is uploaded and read back, too. By HTTPS, browsers come by that alone
// from then on (RFC 6797).
func headers(secure bool) http.Header {
	h := http.Header{}
	h.Set("Content-Security-Policy", "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return h
}

// put sets them. The values are shared by all answers; as they have no room, whoever adds to one gets a copy.
func put(to, from http.Header) {
	for name, value := range from {
		to[name] = value
	}
}
