"""What can be tapped or clicked, measured as WCAG 2.2 asks (2.5.8): 24 by 24 CSS pixels.

Let off, as there, are links inside a sentence, whose height the line gives. The other way out, room around a
small target, is not taken: nothing of ours has to be small. A control is as large as its label.
"""

from playwright.sync_api import Page

_TOO_SMALL = """() => {
  const least = 24, controls = 'a[href], button, summary, select, textarea, input:not([type=hidden])';
  const isInline = e => getComputedStyle(e).display === 'inline';
  const isInSentence = e => {
    if (e.tagName !== 'A' || !isInline(e)) return false;
    let block = e.parentElement;
    while (isInline(block)) block = block.parentElement;
    return [...block.childNodes].some(n => n.nodeType === 3 && n.textContent.trim().length > 1);
  };
  const isFit = box => box.width >= least && box.height >= least;
  return [...document.querySelectorAll(controls)]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.trap, .skip, .hidden-text'))
    .filter(e => ![e, ...(e.labels || [])].some(one => isFit(one.getBoundingClientRect())))
    .filter(e => !isInSentence(e))
    .map(e => `${e.tagName} ${(e.textContent || e.name || '').trim().slice(0, 40)}`);
}"""


def too_small(page: Page) -> list[str]:
    """The targets smaller than that, in what is folded up too."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    return list(page.evaluate(_TOO_SMALL))
