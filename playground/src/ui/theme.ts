const KEY = 'hwbp-theme';

/** Dark or light, as chosen; `undefined`: as the system says. */
function chosen(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    // A browser that lets the page keep nothing.
    return undefined;
  }
}

/** True if the page is dark now. */
export function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
}

/** Shows the page as it was chosen. */
export function applyTheme(): void {
  const theme = chosen();
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
}

/** Dark instead of light, or the other way round; it is kept. */
export function toggleTheme(): void {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Then it is for now.
  }
}
