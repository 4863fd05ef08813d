/*
 * The control that cites a reference from rich text.
 *
 * A citation is one indivisible mark. Wagtail's own sources replace the selected words or turn them into a link; a citation
 * stands after the words that it supports, so this source places the mark itself. Choosing happens in the same modal window
 * as everywhere else.
 */
(() => {
  const { createElement } = window.React;
  const { EditorState, Modifier, SelectionState } = window.DraftJS;
  const { ModalWorkflowSource, TooltipEntity, registerPlugin } = window.draftail;
  const { Icon } = window.wagtail.components;

  const TYPE = 'REFERENCE';

  // What somebody asked for on the tooltip of a mark: {action: 'change' | 'remove', offsetKey}. The editor opens the source
  // for "edit" only and does not say where the mark stands; the decorator knows, and leaves word here.
  let asked = null;

  const selectionOf = (blockKey, start, end) =>
    SelectionState.createEmpty(blockKey).merge({ anchorOffset: start, focusOffset: end });

  /** The range of the mark that the decorator drew under `offsetKey` ("block-decorator-leaf"). */
  const rangeOfMark = (editorState, offsetKey) => {
    const [blockKey, decorator] = offsetKey.split('-');
    const leaves = editorState.getBlockTree(blockKey).get(Number(decorator));
    return selectionOf(blockKey, leaves.get('start'), leaves.get('end'));
  };

  const markAt = (content, block, offset) => {
    const key = block.getEntityAt(offset);
    return key && content.getEntity(key).getType() === TYPE ? key : null;
  };

  /** Whether exactly one whole mark is selected: then choosing replaces it. */
  const isMarkSelected = (content, selection) => {
    if (selection.isCollapsed() || selection.getStartKey() !== selection.getEndKey()) {
      return false;
    }
    const block = content.getBlockForKey(selection.getStartKey());
    const [start, end] = [selection.getStartOffset(), selection.getEndOffset()];
    const key = markAt(content, block, start);
    return (
      key !== null &&
      markAt(content, block, end - 1) === key &&
      (start === 0 || markAt(content, block, start - 1) !== key) &&
      markAt(content, block, end) !== key
    );
  };

  /** Where a new mark goes: after the last selected word, or at the cursor, never inside another mark. */
  const placeOfNewMark = (editorState) => {
    const content = editorState.getCurrentContent();
    const selection = editorState.getSelection();
    let block = content.getBlockForKey(selection.getEndKey());
    let offset = selection.getEndOffset();
    if (!selection.isCollapsed()) {
      if (offset === 0 && selection.getStartKey() !== selection.getEndKey()) {
        // A triple click selects up to the beginning of the next paragraph.
        block = content.getBlockBefore(block.getKey());
        offset = block.getLength();
      }
      // A double click may select the space after the word.
      const first = block.getKey() === selection.getStartKey() ? selection.getStartOffset() : 0;
      while (offset > first && /\s/.test(block.getText()[offset - 1])) {
        offset -= 1;
      }
    }
    const key = offset > 0 ? markAt(content, block, offset - 1) : null;
    while (key !== null && markAt(content, block, offset) === key) {
      offset += 1;
    }
    return selectionOf(block.getKey(), offset, offset);
  };

  class CitationSource extends ModalWorkflowSource {
    constructor(props) {
      super(props);
      this.asked = asked;
      asked = null;
    }

    componentDidMount() {
      if (this.asked?.action !== 'remove') {
        super.componentDidMount();
        return;
      }
      // The editor's own "remove" would leave the label behind as words of the text.
      const { editorState, onComplete } = this.props;
      const range = rangeOfMark(editorState, this.asked.offsetKey);
      const content = Modifier.removeRange(editorState.getCurrentContent(), range, 'backward');
      onComplete(EditorState.push(editorState, content, 'remove-range'));
    }

    getChooserConfig() {
      return {
        url: this.props.entityType.chooserUrls.referenceChooser,
        urlParams: {},
        onload: window.CHOOSER_MODAL_ONLOAD_HANDLERS,
        responses: { chosen: this.onChosen },
      };
    }

    onClose(event) {
      event.preventDefault();
      // Unlike "close", "complete" gives the cursor back to the text, also when nothing was chosen.
      this.props.onComplete(null);
    }

    onChosen({ id, label }) {
      const { editorState, onComplete } = this.props;
      const content = editorState.getCurrentContent();
      const selection = editorState.getSelection();
      let place;
      if (this.asked) {
        place = rangeOfMark(editorState, this.asked.offsetKey);
      } else {
        place = isMarkSelected(content, selection) ? selection : placeOfNewMark(editorState);
      }
      const withEntity = content.createEntity(TYPE, 'IMMUTABLE', { id: Number(id), label });
      const withMark = Modifier.replaceText(withEntity, place, label, null, withEntity.getLastCreatedEntityKey());
      this.workflow.close();
      onComplete(EditorState.push(editorState, withMark, 'insert-characters'));
    }
  }

  const CitationMark = ({ children, contentState, entityKey, offsetKey, onEdit }) => {
    const isMissing = Boolean(contentState.getEntity(entityKey).getData().is_missing);
    const ask = (action) => () => {
      asked = { action, offsetKey };
      onEdit(entityKey);
    };
    return createElement(
      'span',
      { className: isMissing ? 'citation-mark citation-mark--missing' : 'citation-mark' },
      createElement(
        TooltipEntity,
        {
          entityKey,
          icon: createElement(Icon, { name: isMissing ? 'warning' : 'openquote' }),
          label: '',
          onEdit: ask('change'),
          onRemove: ask('remove'),
        },
        children,
      ),
    );
  };

  registerPlugin({ type: TYPE, source: CitationSource, decorator: CitationMark }, 'entityTypes');
})();
