package signin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"
)

// A browser holds two secrets: one that it keeps for long and that nobody else can know, by which it is known again, and the
// text of the session. By HTTPS they are for this host alone and not for its neighbours (__Host-).

const deviceTime = 180 * 24 * time.Hour

// cookieName is __Host-ficus for the session.
func (i *Issuer) cookieName(name string) string {
	full := "ficus"
	if name != "session" {
		full += "-" + name
	}
	if i.secure {
		full = "__Host-" + full
	}
	return full
}

func (i *Issuer) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: i.cookieName(name), Value: value, Path: "/", MaxAge: int(life.Seconds()), Secure: i.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// cookie is the value of a cookie, empty if there is none or there are several: somebody else has put one there.
func (i *Issuer) cookie(r *http.Request, name string) string {
	all := r.CookiesNamed(i.cookieName(name))
	if len(all) != 1 || len(all[0].Value) > maxToken {
		return ""
	}
	return all[0].Value
}

// device is what the browser has kept since it was first seen here; one that is new gets it.
func (i *Issuer) device(w http.ResponseWriter, r *http.Request) string {
	if kept := i.browser(r); kept != "" {
		return kept
	}
	var secret [32]byte
	rand.Read(secret[:]) //nolint:errcheck // never fails
	kept := base64.RawURLEncoding.EncodeToString(secret[:])
	i.setCookie(w, "device", kept, deviceTime)
	return kept
}

// browser is what the browser has kept, if it has the form.
func (i *Issuer) browser(r *http.Request) string {
	kept := i.cookie(r, "device")
	if plain, err := base64.RawURLEncoding.DecodeString(kept); err != nil || len(plain) != sha256.Size {
		return ""
	}
	return kept
}

// standFor stands for a browser where what it has kept must not be.
func standFor(device string) string {
	sum := sha256.Sum256([]byte("asked by " + device))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// formToken stands in each form: who does not know the browser's secrets cannot make it.
func formToken(device, session, path string) string {
	mac := hmac.New(sha256.New, []byte(device))
	mac.Write([]byte(session + "\n" + path))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// isOurForm tells whether a form was sent from a page that we have shown to this browser in this session.
func (i *Issuer) isOurForm(r *http.Request) bool {
	device := i.browser(r)
	want := formToken(device, i.cookie(r, "session"), r.URL.Path)
	return device != "" && hmac.Equal([]byte(want), []byte(r.PostFormValue("token")))
}
