package mock

import (
	"encoding/json"
	"net/http"
	"net/url"
)

const loginCookie = "login"

// maxLogin is how many bytes of a form are read.
const maxLogin = 64 << 10

// serveLogin takes any user of a form at its word: it sets a cookie and leads to
// /account. Whoever tries a log-in out can see there whether it holds.
func serveLogin(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxLogin)
	user := r.PostFormValue("user")
	if user == "" {
		http.Error(w, "a log-in needs a form with user=NAME", http.StatusBadRequest)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: loginCookie, Value: url.QueryEscape(user), Path: "/", HttpOnly: true})
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}

// serveAccount names the user who has logged in, and answers anybody else 401.
func serveAccount(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie(loginCookie)
	if err != nil {
		http.Error(w, "log in first: POST user=NAME to /login", http.StatusUnauthorized)
		return
	}
	user, _ := url.QueryUnescape(cookie.Value)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"user": user})
}
