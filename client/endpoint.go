package client

import (
	"errors"
	"net/url"
)

// ParseEndpoint reads an endpoint as a person types it: "host:port",
// "http://host:8011" or "https://host:8014". Userinfo is returned as the key
// (its user name) and never kept in the URL. Errors quote nothing of s, since it
// may hold a key.
func ParseEndpoint(s string) (endpoint *url.URL, key string, err error) {
	return nil, "", errors.New("not there yet")
}
