const key = "cotext.token";

/**
 * Returns the bearer token that the address brought, as in `/#token=...`, or that this tab was
 * given before. It does not stay in the address.
 */
export function takeToken(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token !== null) {
    sessionStorage.setItem(key, token);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(key) ?? undefined;
}
