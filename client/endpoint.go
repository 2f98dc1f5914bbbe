package client

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// ParseEndpoint reads an endpoint in any form that people type: "host:port",
// "http://host:8011" or "https://host:8014". A missing port is the service's:
// 8011, for https 8014. Userinfo is returned as the key (its user name) and never
// kept in the URL. Errors quote nothing of s, since it may hold a key.
func ParseEndpoint(s string) (endpoint *url.URL, key string, err error) {
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, "", errors.New("the endpoint is not of the form http://host:port")
	}
	if u.User != nil {
		key = u.User.Username()
		if password, _ := u.User.Password(); password != "" {
			return nil, "", errors.New("the endpoint has something behind the colon; the API key stands before it, alone: KEY:@host:port")
		}
	}
	if u.Path == "/" {
		u.Path = ""
	}
	endpoint = &url.URL{Scheme: u.Scheme, Host: u.Host}
	if *u != (url.URL{Scheme: u.Scheme, Host: u.Host, User: u.User}) {
		return nil, "", errors.New("the endpoint must be scheme, host and port alone, without path or query")
	}
	if u.Port() == "" && u.Hostname() != "" {
		endpoint.Host = net.JoinHostPort(u.Hostname(), defaultPort(u.Scheme))
	}
	if err := checkEndpoint(endpoint); err != nil {
		return nil, "", err
	}
	return endpoint, key, nil
}

// defaultPort is the service's documented port for a scheme.
func defaultPort(scheme string) string {
	if scheme == "https" {
		return "8014"
	}
	return "8011"
}

func checkEndpoint(u *url.URL) error {
	switch {
	case u == nil:
		return errors.New("no endpoint")
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the endpoint must be http or https")
	case u.Hostname() == "":
		return errors.New("the endpoint has no host")
	case u.User != nil:
		return errors.New("the endpoint holds credentials; the API key goes elsewhere")
	}
	if port, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
		return errors.New("the endpoint's port is not a number from 1 to 65535")
	}
	return nil
}

// OnLoopback reports whether only this machine reaches hostport, HOST:PORT.
func OnLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil || host == "localhost" {
		return err == nil
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
